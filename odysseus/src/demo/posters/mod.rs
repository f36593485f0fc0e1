//! Pictures of the best-known events: drawn here, and sent as organizers send theirs.

mod motif;

use anyhow::Context as _;
use events::domain::{SetImage, entities::image::UploadType};
use futures::{StreamExt as _, stream};
use kernel::{EventId, UserId};
use resvg::{
    render,
    tiny_skia::{Pixmap, Transform},
    usvg::{Options, Tree},
};

use self::motif::{HEIGHT, Motif, Palette, WIDTH};
use super::{UseCases, programme::Planned};

/// How many are drawn ahead while one is sent.
const AHEAD: usize = 2;

/// A picture of an event.
struct Poster {
    /// The event's title.
    of: &'static str,
    /// What it shows.
    motif: Motif,
    /// In which colours.
    palette: Palette,
    /// How far from the left its main thing is, in pixels.
    x: u32,
}

static POSTERS: [Poster; 10] = [
    Poster {
        of: "Halcyon Drift: The Long Way Round",
        motif: Motif::SunOverWaves,
        palette: Palette {
            named: "from night blue to salmon",
            above: "#16254d",
            below: "#f4927a",
            dark: "#0b1430",
            light: "#ffe3c4",
        },
        x: 640,
    },
    Poster {
        of: "Mara Oyelaran – Golden Hour Tour",
        motif: Motif::SunOverWaves,
        palette: Palette {
            named: "from plum to gold",
            above: "#5b1f4e",
            below: "#f7b733",
            dark: "#3a0f31",
            light: "#fff1b8",
        },
        x: 480,
    },
    Poster {
        of: "Nachtzug – Forty Years Live",
        motif: Motif::Rails,
        palette: Palette {
            named: "from black to teal",
            above: "#06090f",
            below: "#13707a",
            dark: "#020406",
            light: "#b6fff3",
        },
        x: 560,
    },
    Poster {
        of: "Juniper Vale – One Night in Berlin",
        motif: Motif::MoonOverHills,
        palette: Palette {
            named: "from indigo to rose",
            above: "#231b54",
            below: "#d6698f",
            dark: "#1c1038",
            light: "#ffeef5",
        },
        x: 250,
    },
    Poster {
        of: "The Cartographer’s Daughter",
        motif: Motif::OpenCurtain,
        palette: Palette {
            named: "from bottle green to sand",
            above: "#123a3c",
            below: "#dcc48e",
            dark: "#7a1f2b",
            light: "#fff7df",
        },
        x: 480,
    },
    Poster {
        of: "Twelfth Night",
        motif: Motif::OpenCurtain,
        palette: Palette {
            named: "from slate blue to lilac",
            above: "#22304f",
            below: "#b9a5d6",
            dark: "#3d1d5c",
            light: "#f6f0ff",
        },
        x: 540,
    },
    Poster {
        of: "Ice Hockey: Spree Herons v. Alpine Rams",
        motif: Motif::Rink,
        palette: Palette {
            named: "from white to ice blue",
            above: "#f7fcff",
            below: "#a9d6ee",
            dark: "#10243a",
            light: "#d5354a",
        },
        x: 690,
    },
    Poster {
        of: "Late Shift with Nora Feldman",
        motif: Motif::Microphone,
        palette: Palette {
            named: "from midnight blue to brick red",
            above: "#101436",
            below: "#a63d33",
            dark: "#0a0b1c",
            light: "#ffe9b0",
        },
        x: 600,
    },
    Poster {
        of: "Ferrous Days",
        motif: Motif::Net,
        palette: Palette {
            named: "from charcoal to rust",
            above: "#1f2226",
            below: "#b7512b",
            dark: "#14161a",
            light: "#ffd9bf",
        },
        x: 470,
    },
    Poster {
        of: "Nordlicht on Ice",
        motif: Motif::MoonOverHills,
        palette: Palette {
            named: "from dark blue to pale green",
            above: "#0b2447",
            below: "#a5e1ad",
            dark: "#12355b",
            light: "#f4fffb",
        },
        x: 700,
    },
];

/// Gives each of these events that has a poster its picture, one after another: a service renders one at a time.
pub(super) async fn hang(
    to: &UseCases,
    organizer: UserId,
    made: &[(&Planned, EventId)],
) -> anyhow::Result<()> {
    let drawn = POSTERS.iter().map(|poster| {
        let drawing = tokio::task::spawn_blocking(move || poster.draw());
        async move { (poster, drawing.await) }
    });
    let mut drawn = stream::iter(drawn).buffered(AHEAD);
    while let Some((poster, bytes)) = drawn.next().await {
        let bytes = bytes.map_err(anyhow::Error::from).flatten();
        let bytes = bytes.with_context(|| format!("drawing the picture of “{}”", poster.of))?;
        let shown = made.iter().find(|(planned, _)| planned.title == poster.of);
        let (_, event) = shown.with_context(|| format!("“{}” is not in the programme", poster.of))?;
        let ask = SetImage { alt_text: poster.alt_text(), of: UploadType::Png, bytes };
        let sent = to.events.set_image(organizer, *event, ask).await;
        sent.with_context(|| format!("sending the picture of “{}”", poster.of))?;
    }
    Ok(())
}

impl Poster {
    /// What is seen on it.
    fn alt_text(&self) -> String {
        format!("{}. The background fades {}.", self.motif.description(), self.palette.named)
    }

    /// The picture, as PNG.
    fn draw(&self) -> anyhow::Result<Vec<u8>> {
        let tree = Tree::from_str(&self.motif.svg(&self.palette, self.x), &Options::default())?;
        let mut picture = Pixmap::new(WIDTH, HEIGHT).context("a picture has a size")?;
        render(&tree, Transform::identity(), &mut picture.as_mut());
        Ok(picture.encode_png()?)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use kernel::{Clock as _, SystemClock};

    use super::*;
    use crate::demo::programme::{Offer, programme};

    #[test]
    fn posters_are_of_events_that_are_not_called_off_and_of_each_category() {
        let programme = programme(SystemClock.now());
        let shown = POSTERS.each_ref().map(|poster| {
            let planned = programme.iter().find(|planned| planned.title == poster.of);
            planned.unwrap_or_else(|| panic!("“{}” is not in the programme", poster.of))
        });
        assert!(shown.iter().all(|planned| planned.offer != Offer::Cancelled));
        let of = |what: fn(&Planned) -> String| {
            shown.iter().map(|planned| what(planned)).collect::<HashSet<_>>().len()
        };
        assert_eq!(of(|planned| planned.title.to_owned()), POSTERS.len(), "an event has one picture");
        assert_eq!(of(|planned| format!("{:?}", planned.category)), 6);
    }

    #[test]
    fn each_poster_is_another_picture_whose_colours_cover_all_of_it() {
        let mut seen = HashSet::new();
        for poster in &POSTERS {
            let bytes = poster.draw().unwrap();
            let picture = Pixmap::decode_png(&bytes).unwrap();
            assert_eq!((picture.width(), picture.height()), (WIDTH, HEIGHT));
            assert!(picture.pixels().iter().all(|pixel| pixel.alpha() == u8::MAX), "{}", poster.of);
            let colours = picture.pixels().iter().map(|pixel| (pixel.red(), pixel.green(), pixel.blue()));
            let count = colours.collect::<HashSet<_>>().len();
            assert!(count > 800, "{}: {count} colours", poster.of);
            assert!(seen.insert(bytes), "{}", poster.of);
        }
    }
}
