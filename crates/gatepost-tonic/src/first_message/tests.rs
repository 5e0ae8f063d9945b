use std::collections::VecDeque;
use std::convert::Infallible;

use http::HeaderMap;

use super::*;

/// A body that counts what is asked of it, and ends in trailers.
struct Counted {
    frames: VecDeque<Frame<Bytes>>,
    /// Whether the client goes on sending after these frames.
    open: bool,
    polled: usize,
}

impl Counted {
    fn of(chunks: &[&[u8]]) -> Self {
        let frames = chunks.iter().map(|chunk| Bytes::copy_from_slice(chunk));
        Self {
            frames: frames.map(Frame::data).collect(),
            open: false,
            polled: 0,
        }
    }

    fn with_trailers(mut self) -> Self {
        let mut trailers = HeaderMap::new();
        trailers.insert("x-end", "yes".parse().unwrap());
        self.frames.push_back(Frame::trailers(trailers));
        self
    }
}

impl Body for Counted {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.polled += 1;
        match self.frames.pop_front() {
            Some(frame) => Poll::Ready(Some(Ok(frame))),
            None if self.open => Poll::Pending,
            None => Poll::Ready(None),
        }
    }
}

fn framed(message: &[u8]) -> Vec<u8> {
    let mut framed = vec![0];
    framed.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
    framed.extend_from_slice(message);
    framed
}

fn refused(denial: &Denial) -> (Code, Option<&str>) {
    (denial.code(), denial.reason())
}

async fn read(chunks: &[&[u8]], limit: usize) -> Result<Bytes, Denial> {
    FirstMessage::new(Counted::of(chunks)).read(limit).await
}

#[tokio::test]
async fn a_message_is_the_same_wherever_its_bytes_are_split() {
    let first = framed(b"the first");
    let body = [first.clone(), framed(b"another")].concat();
    for one in 0..=body.len() {
        for two in one..=body.len() {
            let chunks = [&body[..one], &body[one..two], &body[two..]];
            let mut message = FirstMessage::new(Counted::of(&chunks).with_trailers());
            assert_eq!(message.read(64).await.unwrap(), "the first", "{one} {two}");
            // Again, by a second rule of the requirement.
            assert_eq!(message.read(9).await.unwrap(), "the first");
            let needed = match first.len() {
                end if one >= end => 1,
                end if two >= end => 2,
                _ => 3,
            };
            assert_eq!(message.rest.polled, needed, "{one} {two}");
            let replayed = message.into_body().collect().await.unwrap();
            assert_eq!(replayed.trailers().unwrap()["x-end"], "yes");
            assert_eq!(replayed.to_bytes(), body, "{one} {two}");
        }
    }
}

#[tokio::test]
async fn a_stream_that_stays_open_is_not_awaited() {
    let mut body = Counted::of(&[&framed(b"hello")]);
    body.open = true;
    let mut message = FirstMessage::new(body);
    assert_eq!(message.read(5).await.unwrap(), "hello");
    assert_eq!(message.rest.polled, 1);
}

#[tokio::test]
async fn a_body_that_nobody_reads_is_handed_on_untouched() {
    let body = framed(b"hello");
    let message = FirstMessage::new(Counted::of(&[&body]).with_trailers());
    assert_eq!(message.rest.polled, 0);
    let handed_on = message.into_body();
    assert!(!handed_on.is_end_stream());
    let handed_on = handed_on.collect().await.unwrap();
    assert!(handed_on.trailers().is_some());
    assert_eq!(handed_on.to_bytes(), body);
}

#[tokio::test]
async fn an_empty_message_is_a_message() {
    assert_eq!(read(&[&framed(b"")], 0).await.unwrap(), "");
}

#[tokio::test]
async fn no_message_and_one_cut_short_are_bad_requests() {
    for none in [&[][..], &[&b""[..]], &[&b""[..], b""]] {
        let denial = read(none, 64).await.unwrap_err();
        let why = "there is no message, and the decision depends on it";
        assert_eq!(refused(&denial), (Code::BadRequest, Some(why)));
    }
    let whole = framed(b"hello");
    for end in 1..whole.len() {
        for split in 0..end {
            let chunks = [&whole[..split], &whole[split..end]];
            let denial = read(&chunks, 64).await.unwrap_err();
            let why = "the message is cut short";
            assert_eq!(refused(&denial), (Code::BadRequest, Some(why)), "{end}");
        }
    }
    let mut trailed = FirstMessage::new(Counted::of(&[&whole[..7]]).with_trailers());
    assert_eq!(trailed.read(64).await.unwrap_err().code(), Code::BadRequest);
}

#[tokio::test]
async fn a_compressed_message_and_none_at_all_cannot_be_read() {
    for (flag, why) in [
        (
            1,
            "the message is compressed, and the decision depends on it",
        ),
        (2, "the body is no gRPC message"),
        (255, "the body is no gRPC message"),
        (b'{', "the body is no gRPC message"),
    ] {
        let mut body = framed(b"hello");
        body[0] = flag;
        let denial = read(&[&body], 64).await.unwrap_err();
        assert_eq!(refused(&denial), (Code::BadRequest, Some(why)), "{flag}");
    }
}

#[tokio::test]
async fn a_message_that_is_declared_too_large_is_not_read() {
    for (length, limit) in [(65, 64), (u32::MAX, 64), (1, 0)] {
        let mut header = vec![0];
        header.extend_from_slice(&length.to_be_bytes());
        let mut body = Counted::of(&[&header, &[7; 64], &[7; 64]]);
        body.open = true;
        let mut message = FirstMessage::new(body);
        let denial = message.read(limit).await.unwrap_err();
        assert_eq!(denial.code(), Code::BodyTooLarge, "{length}");
        assert_eq!(message.rest.polled, 1, "{length}");
    }
    assert_eq!(read(&[&framed(&[7; 64])], 64).await.unwrap().len(), 64);
}

#[tokio::test]
async fn a_second_rule_holds_the_message_to_its_own_limit() {
    let mut message = FirstMessage::new(Counted::of(&[&framed(b"hello")]));
    assert_eq!(message.read(64).await.unwrap(), "hello");
    let denial = message.read(4).await.unwrap_err();
    assert_eq!(denial.code(), Code::BodyTooLarge);
}

#[tokio::test]
async fn what_comes_behind_a_small_message_does_not_count_for_its_limit() {
    let body = [framed(b"hello"), vec![7; 10_000]].concat();
    assert_eq!(read(&[&body], 5).await.unwrap(), "hello");
}

#[tokio::test]
async fn the_size_hint_counts_what_was_read() {
    let mut message = FirstMessage::new(http_body_util::Full::new(Bytes::from(framed(b"hello"))));
    message.read(64).await.unwrap();
    let replayed = message.into_body();
    assert_eq!(replayed.size_hint().exact(), Some(10));
    assert!(!replayed.is_end_stream());
}
