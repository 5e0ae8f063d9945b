//! How PostgreSQL is connected to: what the URL says, and otherwise what keeps a store safe.

use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{SslMode, SslNegotiation, TargetSessionAttrs};

use crate::error::{StoreError, StoreErrorKind};
use crate::url::{Kind, StoreUrl};

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long what was sent may stay unanswered by the other machine.
const USER_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a connection is silent before it is asked whether it still stands.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(5);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(2);
const KEEPALIVE_RETRIES: u32 = 3;

/// The configuration that a URL asks for.
///
/// What the URL leaves open is set so that a dead connection is noticed in seconds,
/// and that a standby, whose policy may be old, is never asked.
pub(crate) fn config(url: &StoreUrl) -> Result<Config, StoreError> {
    let Kind::Postgres { whole, .. } = url.kind() else {
        return Err(bad(url, "is no address of PostgreSQL"));
    };
    // Its own error may repeat a part of the address, which may be a part of the password.
    let mut config: Config = whole.parse().map_err(|_| {
        bad(
            url,
            "the address is not understood: `@`, `/`, `?`, `#` and `%` in a password are written as \
             `%40`, `%2F`, `%3F`, `%23`, `%25`, and `sslmode` is `disable` or `prefer`",
        )
    })?;
    let wants_tls = match config.get_ssl_mode() {
        SslMode::Disable | SslMode::Prefer => false,
        // A mode that a later release of the client brings is not weaker.
        _ => true,
    };
    if wants_tls || config.get_ssl_negotiation() == SslNegotiation::Direct {
        return Err(bad(
            url,
            "`sslmode=require`: this release connects to PostgreSQL without TLS; connect through a \
             Unix socket, a private network or a tunnel, with `sslmode=disable`",
        ));
    }
    let said = |option: &str| said(whole, option);
    if !said("target_session_attrs") {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
    if !said("connect_timeout") {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    if !said("tcp_user_timeout") {
        config.tcp_user_timeout(USER_TIMEOUT);
    }
    if !said("keepalives_idle") {
        config.keepalives_idle(KEEPALIVE_IDLE);
    }
    if !said("keepalives_interval") {
        config.keepalives_interval(KEEPALIVE_INTERVAL);
    }
    if !said("keepalives_retries") {
        config.keepalives_retries(KEEPALIVE_RETRIES);
    }
    if !said("application_name") {
        config.application_name("gatepost");
    }
    Ok(config)
}

/// Whether an option stands behind the `?`.
fn said(whole: &str, option: &str) -> bool {
    let (_, options) = whole.rsplit_once('?').unwrap_or_default();
    let mut names = options.split('&').filter_map(|pair| pair.split('=').next());
    names.any(|name| name == option)
}

fn bad(url: &StoreUrl, why: &str) -> StoreError {
    StoreError::new(StoreErrorKind::BadUrl, url, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, StoreError> {
        config(&text.parse().unwrap())
    }

    #[test]
    fn a_standby_is_never_asked_and_silence_is_noticed() {
        let config = read("postgres://gatepost@db/policy").unwrap();
        assert_eq!(
            config.get_target_session_attrs(),
            TargetSessionAttrs::ReadWrite
        );
        assert_eq!(config.get_connect_timeout(), Some(&CONNECT_TIMEOUT));
        assert_eq!(config.get_tcp_user_timeout(), Some(&USER_TIMEOUT));
        assert_eq!(config.get_keepalives_idle(), KEEPALIVE_IDLE);
        assert_eq!(config.get_application_name(), Some("gatepost"));
    }

    #[test]
    fn what_the_url_says_stands() {
        let config = read(
            "postgres://gatepost@db/policy?connect_timeout=9&application_name=chat\
             &target_session_attrs=any&keepalives_idle=61&tcp_user_timeout=8",
        )
        .unwrap();
        assert_eq!(config.get_target_session_attrs(), TargetSessionAttrs::Any);
        assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(9)));
        assert_eq!(config.get_tcp_user_timeout(), Some(&Duration::from_secs(8)));
        assert_eq!(config.get_keepalives_idle(), Duration::from_secs(61));
        assert_eq!(config.get_application_name(), Some("chat"));
    }

    #[test]
    fn tls_that_is_required_is_never_left_out_silently() {
        for option in [
            "sslmode=require",
            "sslmode=verify-full",
            "sslmode=verify-ca",
            "sslnegotiation=direct",
        ] {
            let error = read(&format!("postgres://gatepost@db/policy?{option}")).unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::BadUrl, "{option}");
            assert!(error.to_string().contains("sslmode"), "{option}: {error}");
        }
    }

    #[test]
    fn an_address_that_is_not_understood_is_not_repeated() {
        for text in [
            "postgres://gatepost:s3cret@db:port/policy",
            "postgres://gatepost@db/policy?password=s3cret&s3cret=1",
            "postgres://gatepost@db/policy?sslmode=s3cret",
            "postgres://gatepost:%FFs3cret@db/policy?port=s3cret",
        ] {
            let error = read(text).unwrap_err();
            let told = format!("{error} {error:?}");
            assert!(!told.contains("s3cret"), "{told}");
        }
    }
}
