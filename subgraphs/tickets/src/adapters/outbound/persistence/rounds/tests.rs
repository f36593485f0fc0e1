use super::*;

fn ask(buyer: UserId, seats: usize) -> (Ask, oneshot::Receiver<Given>) {
    asked(buyer, seats, false)
}

fn asked(buyer: UserId, seats: usize, behind: bool) -> (Ask, oneshot::Receiver<Given>) {
    let (give, given) = oneshot::channel();
    let seats = vec![0; seats];
    (Ask::of(Look { seats: &seats, buyer: Some(buyer), ..Look::default() }, None, behind, give), given)
}

fn waiting(asks: impl IntoIterator<Item = (UserId, usize)>) -> (Queue, Vec<oneshot::Receiver<Given>>) {
    let (asks, given): (VecDeque<_>, _) = asks.into_iter().map(|(buyer, seats)| ask(buyer, seats)).unzip();
    (Queue { waiting: asks, alone: 0 }, given)
}

fn buyers(asks: &[Ask]) -> Vec<UserId> {
    asks.iter().filter_map(|ask| ask.buyer).collect()
}

#[test]
fn a_round_has_those_who_came_first_and_each_buyer_once() {
    let (ada, bob, eve) = (UserId::new(), UserId::new(), UserId::new());
    let (mut queue, _given) = waiting([(ada, 1), (ada, 2), (bob, 3), (ada, 4), (eve, 5)]);
    assert_eq!(buyers(&queue.next()), [ada, bob, eve]);
    let second = queue.next();
    assert_eq!((buyers(&second), second[0].seats.len()), (vec![ada], 2), "in the order of coming");
    assert_eq!(queue.next()[0].seats.len(), 4);
    assert!(queue.next().is_empty());
}

#[test]
fn a_round_is_not_longer_than_others_may_wait() {
    let many = TURNS + 3;
    let (mut queue, _given) = waiting((0..many).map(|_| (UserId::new(), 1)));
    assert_eq!(queue.next().len(), TURNS);
    assert_eq!(queue.next().len(), 3);
}

#[test]
fn who_looks_at_a_whole_hall_has_a_round_alone() {
    let (first, hall, last) = (UserId::new(), UserId::new(), UserId::new());
    let (mut queue, _given) = waiting([(first, 8), (hall, 20_000), (last, 8)]);
    assert_eq!(buyers(&queue.next()), [first, last]);
    assert_eq!(buyers(&queue.next()), [hall]);
}

#[test]
fn who_went_away_has_no_turn() {
    let (went, stays) = (UserId::new(), UserId::new());
    let (mut queue, mut given) = waiting([(went, 1), (stays, 1)]);
    drop(given.remove(0));
    assert_eq!(buyers(&queue.next()), [stays]);
}

#[test]
fn a_promo_code_is_redeemed_once_in_a_round_as_it_is_counted_before() {
    let code = PromoCodeId::new();
    let [ada, bob, eve] = [(); 3].map(|()| UserId::new());
    let asks = [(ada, Some(code)), (bob, Some(code)), (eve, None)].map(|(buyer, promo_code)| {
        let (give, given) = oneshot::channel();
        let look = Look { buyer: Some(buyer), promo_code, ..Look::default() };
        (Ask::of(look, None, false, give), given)
    });
    let (waiting, _given): (VecDeque<_>, Vec<_>) = asks.into_iter().unzip();
    let mut queue = Queue { waiting, alone: 0 };
    assert_eq!(buyers(&queue.next()), [ada, eve]);
    assert_eq!(buyers(&queue.next()), [bob]);
}

#[test]
fn after_a_fault_each_is_alone_for_a_while() {
    let (mut queue, _given) = waiting((0..ALONE_AFTER_A_FAULT + 2).map(|_| (UserId::new(), 1)));
    queue.alone = ALONE_AFTER_A_FAULT;
    for _ in 0..ALONE_AFTER_A_FAULT {
        assert_eq!(queue.next().len(), 1);
    }
    assert_eq!(queue.next().len(), 2);
}
#[test]
fn who_works_behind_is_never_refused_and_has_the_next_turn() {
    let [ada, bob, saga, late] = [(); 4].map(|()| UserId::new());
    let (mut queue, mut given) = waiting([(ada, 1)]);
    for (who, behind, taken) in [(saga, true, true), (late, true, true), (bob, false, false)] {
        let (ask, its) = asked(who, 1, behind);
        given.push(its);
        assert_eq!(queue.add(ask, 1).is_ok(), taken);
    }
    assert_eq!(buyers(&queue.next()), [saga, late, ada]);
}
