use super::{
    Offer::{Free, TiersByDate, Usual},
    Show,
    Stage::{AldermanTheatre, BlueAgave, KawazoeHall, MarlowHall},
};

pub(super) const SHOWS: &[Show] = &[
    Show {
        title: "Ferrous Days",
        about: "Two tracks on systems that do not fall over: ownership, async without tears, and three war stories told by those who \
                were on call. Early birds pay least.",
        tags: &["software", "rust", "conference"],
        stage: AldermanTheatre,
        days: 118,
        at: (9, 0),
        minutes: 540,
        price: 240,
        offer: TiersByDate,
    },
    Show {
        title: "The Slow Data Summit",
        about: "Small data, long time. Archivists, climate scientists and librarians on keeping what matters readable for a century.",
        tags: &["data", "archives", "conference"],
        stage: MarlowHall,
        days: 66,
        at: (9, 30),
        minutes: 480,
        price: 180,
        offer: Usual,
    },
    Show {
        title: "Public Lecture: How Cities Breathe",
        about: "Professor Amara Lindqvist on wind, concrete and trees, with a model of Manhattan in a water tank. Admission is free; \
                please take a ticket, so that we know how many chairs we need.",
        tags: &["lecture", "science", "free"],
        stage: MarlowHall,
        days: 24,
        at: (18, 30),
        minutes: 90,
        price: 0,
        offer: Free,
    },
    Show {
        title: "Robotics & Care Forum Tokyo",
        about: "What helps, what hurts, what is only for show: nurses, engineers and patients on machines in hospitals. Interpreted \
                into English.",
        tags: &["robotics", "health", "conference"],
        stage: KawazoeHall,
        days: 71,
        at: (10, 0),
        minutes: 420,
        price: 15000,
        offer: Usual,
    },
    Show {
        title: "Indie Game Makers’ Night",
        about: "Twelve demos, ten minutes each, and a room full of people who finish what they start. Standing, with arcade cabinets.",
        tags: &["games", "meet-up"],
        stage: BlueAgave,
        days: 31,
        at: (18, 0),
        minutes: 240,
        price: 12,
        offer: Usual,
    },
];
