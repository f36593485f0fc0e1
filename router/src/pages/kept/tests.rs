use super::*;

const TERMS: Terms = Terms { most: 3, fresh: Duration::from_secs(30), good: Duration::from_mins(5) };

fn kept() -> (Kept<&'static str>, Instant) {
    (Kept::new(TERMS), Instant::now())
}

#[expect(clippy::redundant_allocation, reason = "answers are shared, however small they are here")]
fn asks(look: Look<&'static str>) -> (watch::Sender<Option<Arc<&'static str>>>, Option<&'static str>) {
    match look {
        Look::Ask { tell, meanwhile } => (tell, meanwhile.map(|answer| *answer)),
        Look::Known(known) => panic!("it is known: {known:?}"),
        Look::Wait(_) => panic!("another asks"),
    }
}

fn knows(look: Look<&'static str>) -> Option<&'static str> {
    match look {
        Look::Known(known) => known.map(|answer| *answer),
        Look::Wait(_) => panic!("another asks"),
        Look::Ask { .. } => panic!("nobody knows"),
    }
}

#[test]
fn one_asks_and_all_who_come_meanwhile_wait_for_the_same_answer() {
    let (kept, now) = kept();
    let (tell, _) = asks(kept.look("gig", now));
    let Look::Wait(coming) = kept.look("gig", now) else { panic!("two ask the same") };
    kept.note("gig", Arc::new("Open Mic"), now);
    tell.send_replace(Some(Arc::new("Open Mic")));
    assert_eq!(coming.borrow().as_deref(), Some(&"Open Mic"));
    assert_eq!(knows(kept.look("gig", now)), Some("Open Mic"));
}

#[test]
fn an_answer_is_fresh_then_does_until_there_is_a_new_one_then_is_waited_for() {
    let (kept, now) = kept();
    drop(asks(kept.look("gig", now)));
    kept.note("gig", Arc::new("old"), now);
    assert_eq!(knows(kept.look("gig", now + Duration::from_secs(29))), Some("old"));
    let later = now + Duration::from_mins(1);
    let (asking, meanwhile) = asks(kept.look("gig", later));
    assert_eq!(meanwhile, Some("old"));
    assert_eq!(knows(kept.look("gig", later)), Some("old"), "one asks, the others go on");
    drop(asking);
    let (_asking, meanwhile) = asks(kept.look("gig", now + Duration::from_secs(301)));
    assert_eq!(meanwhile, None);
}

#[test]
fn where_there_was_no_answer_it_is_asked_again_soon_and_not_at_once() {
    let (kept, now) = kept();
    drop(asks(kept.look("gig", now)));
    assert_eq!(knows(kept.look("gig", now + Duration::from_secs(1))), None);
    asks(kept.look("gig", now + Duration::from_secs(2)));
}

#[test]
fn an_old_answer_does_where_there_is_no_new_one() {
    let (kept, now) = kept();
    drop(asks(kept.look("gig", now)));
    kept.note("gig", Arc::new("old"), now);
    let later = now + Duration::from_hours(1);
    let (tell, _) = asks(kept.look("gig", later));
    let Look::Wait(coming) = kept.look("gig", later) else { panic!("it should be waited for") };
    drop(tell);
    assert_eq!(coming.borrow().as_deref(), Some(&"old"));
}

#[test]
fn the_oldest_makes_room() {
    let (kept, now) = kept();
    for (age, what) in ["one", "two", "three", "four"].into_iter().enumerate() {
        let then = now + Duration::from_millis(age as u64);
        drop(asks(kept.look(what, then)));
        kept.note(what, Arc::new("known"), then);
    }
    assert_eq!(kept.answers().len(), TERMS.most);
    assert_eq!(knows(kept.look("four", now)), Some("known"));
    asks(kept.look("one", now));
}

#[test]
fn so_many_are_asked_for_at_a_time_and_no_more() {
    let kept: Kept<&'static str> = Kept::new(Terms { most: 1_000, ..TERMS });
    let now = Instant::now();
    let under_way: Vec<_> =
        (0..MOST_UNDER_WAY).map(|event| asks(kept.look(&event.to_string(), now))).collect();
    assert_eq!(knows(kept.look("one more", now)), None);
    drop(under_way);
    asks(kept.look("one more", now));
}
