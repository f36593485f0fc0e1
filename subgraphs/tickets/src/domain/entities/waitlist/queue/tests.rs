use kernel::{EventId, UserId};
use proptest::prelude::*;

use super::{super::WaitlistWish, *};

/// Places without numbers of one ticket type, and who waits for them.
struct Hall {
    ticket_type: TicketTypeId,
    now: DateTime<Utc>,
    /// What can be had: by nobody who passes by, once somebody has seen to it.
    free: u32,
    waiting: Vec<WaitlistEntry>,
    served: Vec<WaitlistEntry>,
}

impl Hall {
    fn of(groups: &[u32]) -> Self {
        let (ticket_type, now) = (TicketTypeId::new(), DateTime::UNIX_EPOCH);
        let joins = |quantity: &u32| {
            let wish = WaitlistWish {
                types: vec![ticket_type],
                quantity: *quantity,
                together: true,
                price_max: None,
            };
            let until = now + TimeDelta::days(365);
            WaitlistEntry::join(EventId::new(), UserId::new(), wish, now, until)
        };
        let waiting = groups.iter().map(joins).collect();
        Self { ticket_type, now, free: 0, waiting, served: Vec::new() }
    }

    /// Somebody sees to the list. Passers-by take what nobody who waits gets, and what is not gathered.
    fn is_seen_to(&mut self) {
        let rivals = BTreeMap::from([(self.ticket_type, BTreeSet::from([self.ticket_type]))]);
        let mut queue = Queue::begin(self.now, &rivals);
        let (mut free, of) = (self.free, self.ticket_type);
        let mut left = Vec::new();
        for entry in std::mem::take(&mut self.waiting) {
            let got = queue.turn(entry.clone(), |entry, open| {
                let quantity = entry.state().wish.quantity;
                let fits = !open.is_empty() && quantity <= free;
                free -= if fits { quantity } else { 0 };
                Ok(fits.then_some((of, ())))
            });
            match got.unwrap() {
                Some((entry, ())) => self.served.push(entry),
                None => left.push(entry),
            }
        }
        if free > 0 {
            queue.lets_go(&BTreeSet::from([of]));
        }
        self.free = if queue.gathered().next().is_some() { free } else { 0 };
        for changed in queue.changed() {
            let at = left.iter().position(|entry| entry.state().id == changed.state().id);
            left[at.unwrap()] = changed;
        }
        self.waiting = left;
    }

    fn quantities(&self) -> Vec<u32> {
        self.served.iter().map(|entry| entry.state().wish.quantity).collect()
    }
}

#[test]
fn a_group_that_does_not_fit_lets_others_pass_and_then_is_waited_for() {
    let mut hall = Hall::of(&[4, 1, 1, 1, 1, 1]);
    for _ in 0..8 {
        hall.free += 1;
        hall.is_seen_to();
    }
    assert_eq!(hall.quantities(), [1, 1, 1, 4, 1], "three go by, four are gathered, and it goes on");
}

#[test]
fn a_group_that_waits_alone_does_not_see_all_places_go_by_either() {
    let mut hall = Hall::of(&[2]);
    for _ in 0..4 {
        hall.free += 1;
        hall.is_seen_to();
        assert!(hall.served.is_empty());
    }
    hall.free += 1;
    hall.is_seen_to();
    assert_eq!(hall.quantities(), [2]);
}

#[test]
fn places_are_not_gathered_for_ever() {
    let mut hall = Hall::of(&[4, 1, 1, 1, 1, 1]);
    for _ in 0..4 {
        hall.free += 1;
        hall.is_seen_to();
    }
    assert_eq!((hall.quantities(), hall.free), (vec![1, 1, 1], 1));
    hall.now += GATHERS;
    hall.is_seen_to();
    assert_eq!((hall.quantities(), hall.free), (vec![1, 1, 1, 1], 0), "the next gets what was gathered");
    assert_eq!(hall.waiting[0].state().passed_over, 1, "and its patience begins anew");
}

#[test]
fn what_is_gathered_for_one_ticket_type_keeps_nobody_from_another() {
    let (seats, floor) = (TicketTypeId::new(), TicketTypeId::new());
    let rivals = BTreeMap::from([(seats, BTreeSet::from([seats])), (floor, BTreeSet::from([floor]))]);
    let mut group = Hall::of(&[4]).waiting.remove(0);
    group.state.wish.types = vec![seats];
    group.state.passed_over = PATIENCE;
    let mut single = Hall::of(&[1]).waiting.remove(0);
    single.state.wish.types = vec![seats, floor];
    let mut queue = Queue::begin(DateTime::UNIX_EPOCH, &rivals);
    assert!(queue.turn::<()>(group, |_, _| Ok(None)).unwrap().is_none());
    let got = queue.turn(single, |_, open| {
        assert_eq!(open, [floor]);
        Ok(Some((floor, ())))
    });
    assert!(got.unwrap().is_some());
    assert_eq!(queue.gathered().collect::<Vec<_>>(), [seats]);
    assert_eq!(queue.changed()[0].state().passed_over, PATIENCE, "it could not have taken the floor");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_starves_nobody_is_overtaken_by_their_like_and_nothing_is_given_twice(
        groups in prop::collection::vec(1_u32..=6, 1..25),
        freed in prop::collection::vec(1_u32..=3, 1..10),
    ) {
        let mut hall = Hall::of(&groups);
        let (mut came, all): (u32, u32) = (0, groups.iter().sum());
        let ids: Vec<_> = hall.waiting.iter().map(|entry| entry.state().id).collect();
        let mut looks = 0;
        for more in freed.iter().cycle() {
            if hall.waiting.is_empty() { break }
            hall.free += more;
            came += more;
            hall.is_seen_to();
            prop_assert!(hall.quantities().iter().sum::<u32>() + hall.free <= came);
            looks += 1;
            // Each group lets PATIENCE others pass, and then gets what comes; what is left over is anybody's.
            prop_assert!(looks <= all * (PATIENCE + 2), "somebody waits for ever: {:?}", hall.waiting);
        }
        for quantity in 1..=6 {
            let of = |entry: &&WaitlistEntry| entry.state().wish.quantity == quantity;
            let served = hall.served.iter().filter(of).map(|entry| entry.state().id);
            let joined = ids.iter().filter(|id| served.clone().any(|served| served == **id)).copied();
            prop_assert!(served.clone().eq(joined), "who wants as many and joined first is served first");
        }
    }
}
