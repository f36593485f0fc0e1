use std::task::{Context, Poll, Waker};

use super::*;

fn frame(text: &'static str) -> Frame {
    Frame::new(hive_router::ntex::util::Bytes::from_static(text.as_bytes()))
}

/// All that waits for a viewer.
fn seen(seat: &Seat) -> Vec<String> {
    let mut seen = Vec::new();
    while let Poll::Ready(came) = seat.queue.poll(&mut Context::from_waker(Waker::noop())) {
        let Some(came) = came else {
            seen.push("end".to_owned());
            break;
        };
        seen.push(String::from_utf8(came.frame.result().to_vec()).unwrap());
    }
    seen
}

fn begin(fans: &Arc<Fans>) -> (Seat, Feed) {
    let (seat, feed) = fans.join("q").unwrap();
    (seat, feed.expect("it should begin a stream"))
}

fn join(fans: &Arc<Fans>) -> Seat {
    let (seat, feed) = fans.join("q").unwrap();
    assert!(feed.is_none(), "there is a stream already");
    seat
}

#[test]
fn who_comes_before_anything_has_changed_shares_the_first_frame() {
    let fans = Arc::default();
    let (first, feed) = begin(&fans);
    let second = join(&fans);
    assert!(feed.tell(frame("0")));
    let third = join(&fans);
    assert!(feed.tell(frame("1")));
    for seat in [first, second, third] {
        assert_eq!(seen(&seat), ["0", "1"]);
    }
}

#[test]
fn two_streams_become_one_whichever_is_ahead() {
    for ahead in [true, false] {
        let fans = Arc::default();
        let (early, old) = begin(&fans);
        for text in ["0", "1"] {
            assert!(old.tell(frame(text)));
        }
        let (late, new) = begin(&fans);
        assert!(new.tell(frame("1, as it stands")));
        let latest = join(&fans);
        if ahead {
            assert!(old.tell(frame("2")) && old.tell(frame("3")));
            assert!(!new.tell(frame("2")), "the old one tells it as well");
            assert!(old.tell(frame("4")));
        } else {
            assert!(new.tell(frame("2")) && new.tell(frame("3")));
            assert!(!old.tell(frame("2")), "the new one has told it already");
            assert!(new.tell(frame("4")));
        }
        assert_eq!(seen(&early), ["0", "1", "2", "3", "4"]);
        for seat in [late, latest] {
            assert_eq!(seen(&seat), ["1, as it stands", "2", "3", "4"]);
        }
    }
}

#[test]
fn whoever_comes_when_two_streams_differ_watches_alone() {
    let fans = Arc::default();
    let (_early, old) = begin(&fans);
    assert!(old.tell(frame("0")) && old.tell(frame("1")));
    let (_late, new) = begin(&fans);
    assert!(new.tell(frame("1")) && new.tell(frame("2, told otherwise")));
    assert!(fans.join("q").is_none());
    assert!(fans.join("something else").is_some());
}

#[test]
fn a_stream_that_ends_ends_for_its_viewers_and_nothing_is_kept_of_it() {
    let fans = Arc::<Fans>::default();
    let (early, old) = begin(&fans);
    assert!(old.tell(frame("0")) && old.tell(frame("1")));
    let (late, new) = begin(&fans);
    assert!(new.tell(frame("1")));
    drop(old);
    assert_eq!(seen(&early), ["0", "1", "end"]);
    assert!(new.tell(frame("2")));
    assert_eq!(seen(&late), ["1", "2"]);
    drop(late);
    assert!(!new.tell(frame("3")), "nobody is left");
    drop((new, early));
    assert!(fans.all().is_empty());
}

#[test]
fn a_slow_viewer_loses_the_oldest_frames_and_others_none() {
    let fans = Arc::default();
    let (slow, feed) = begin(&fans);
    let quick = join(&fans);
    for number in 0..=super::super::queue::WAITING {
        assert!(feed.tell(Frame::new(number.to_string().into())));
        assert_eq!(seen(&quick), [number.to_string()]);
    }
    let Poll::Ready(Some(came)) = slow.queue.poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("frames wait");
    };
    assert_eq!((came.frame.result().as_ref(), came.missed), (b"1".as_slice(), 1));
}
