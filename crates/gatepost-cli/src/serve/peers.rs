//! How many connections one peer may have.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// How many connections one peer may have at once.
const MOST: usize = 64;

/// The connections of each peer, so that one alone cannot take all the places.
///
/// A peer is an address, of version 6 the half of one that a network gives a whole house. Of this machine there may
/// be as many as there are places: what speaks TLS in front stands there, and is the peer of everybody.
#[derive(Clone, Debug, Default)]
pub(super) struct Peers(Arc<Mutex<BTreeMap<IpAddr, usize>>>);

/// A connection that is counted, until it is dropped.
#[derive(Debug)]
pub(super) struct Counted {
    peers: Peers,
    peer: Option<IpAddr>,
}

impl Peers {
    /// Counts a connection; none where its peer has as many as it may.
    pub(super) fn count(&self, address: IpAddr) -> Option<Counted> {
        let address = address.to_canonical();
        let peer = (!address.is_loopback()).then(|| network(address));
        if let Some(peer) = peer {
            let mut peers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let held = peers.entry(peer).or_default();
            if *held >= MOST {
                return None;
            }
            *held += 1;
        }
        Some(Counted {
            peers: self.clone(),
            peer,
        })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let Some(peer) = self.peer else {
            return;
        };
        let mut peers = self.peers.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = peers.get_mut(&peer) {
            *held -= 1;
            if *held == 0 {
                peers.remove(&peer);
            }
        }
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_peer_cannot_take_all_the_places() {
        for (one, same, other) in [
            ("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"),
            ("2001:db8::1", "2001:db8::2:3", "2001:db8:0:1::1"),
        ] {
            let peers = Peers::default();
            let of = |address: &str| peers.count(address.parse().unwrap());
            let mut held: Vec<_> = (0..MOST).map(|_| of(one).unwrap()).collect();
            assert!(of(one).is_none() && of(same).is_none(), "{one}");
            assert!(of(other).is_some(), "{other}");
            held.pop();
            held.push(of(same).unwrap());
            assert!(of(one).is_none());
            drop(held);
            assert!(peers.0.lock().unwrap().is_empty(), "nothing is kept");
        }
    }

    #[test]
    fn this_machine_is_not_one_peer() {
        let peers = Peers::default();
        for address in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            let of = || peers.count(address.parse().unwrap());
            let held: Vec<_> = (0..=MOST).map(|_| of().unwrap()).collect();
            assert_eq!(held.len(), MOST + 1);
        }
    }
}
