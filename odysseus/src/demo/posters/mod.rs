//! Pictures of the best-known events, of who performs, and from sections: drawn here, and sent as organizers send theirs.

mod motif;
mod portrait;
mod view;

use anyhow::Context as _;
use events::domain::{PerformerId, SetImage, entities::image::UploadType};
use futures::{StreamExt as _, stream};
use kernel::{EventId, LayoutId, OrganizationId, UserId};
use resvg::{
    render,
    tiny_skia::{Pixmap, Transform},
    usvg::{Options, Tree},
};

use self::{
    motif::{HEIGHT, Motif, Palette, WIDTH},
    portrait::PORTRAITS,
};
use super::{UseCases, load::Houses, programme::Planned};

/// How many are drawn ahead while one is sent.
const AHEAD: usize = 2;

/// A picture of an event.
struct Poster {
    /// The event's title.
    of: &'static str,
    /// What it shows.
    motif: Motif,
    /// What its further pictures show, in the same colours.
    then: &'static [Motif],
    /// In which colours.
    palette: Palette,
    /// How far from the left its main thing is, in pixels.
    x: u32,
}

static POSTERS: [Poster; 10] = [
    Poster {
        of: "Halcyon Drift: The Long Way Round",
        motif: Motif::SunOverWaves,
        then: &[Motif::MoonOverHills, Motif::Microphone],
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
        then: &[],
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
        then: &[],
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
        then: &[],
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
        then: &[],
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
        then: &[],
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
        then: &[],
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
        then: &[],
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
        then: &[],
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
        then: &[Motif::Rink],
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

/// A picture that is to be drawn, and where it is to hang.
struct Hanging {
    at: Wall,
    alt_text: String,
    svg: String,
    size: (u32, u32),
}

/// Where a picture hangs.
enum Wall {
    Event(EventId),
    Performer(&'static str),
    Section(LayoutId, &'static str),
}

/// Hangs all pictures: of events, of who performs, and from sections. One after another: a service renders one at a time.
pub(super) async fn hang(
    to: &UseCases,
    by: UserId,
    organization: OrganizationId,
    houses: &Houses,
    made: &[(&Planned, EventId)],
) -> anyhow::Result<()> {
    let drawn = hangings(houses, made)?.into_iter().map(|hanging| async move {
        let Hanging { at, alt_text, svg, size } = hanging;
        let drawing = tokio::task::spawn_blocking(move || draw(&svg, size)).await;
        let bytes = drawing.map_err(anyhow::Error::from).flatten();
        let bytes = bytes.with_context(|| format!("drawing “{alt_text}”"))?;
        anyhow::Ok((at, SetImage { alt_text, of: UploadType::Png, bytes }))
    });
    let mut drawn = stream::iter(drawn).buffered(AHEAD);
    while let Some(hanging) = drawn.next().await {
        let (at, ask) = hanging?;
        let context = format!("sending “{}”", ask.alt_text);
        let sent = match at {
            Wall::Event(event) => to.events.add_image(by, event, ask).await,
            Wall::Performer(name) => {
                to.events.set_performer_image(by, organization, &PerformerId::of(name), ask).await
            }
            Wall::Section(layout, section) => to.events.set_section_view(by, layout, section, ask).await,
        };
        sent.context(context)?;
    }
    Ok(())
}

/// Every picture there is to be, those first that lists show.
fn hangings(houses: &Houses, made: &[(&Planned, EventId)]) -> anyhow::Result<Vec<Hanging>> {
    let mut hangings = Vec::new();
    for poster in &POSTERS {
        let shown = made.iter().find(|(planned, _)| planned.title == poster.of);
        let (_, event) = shown.with_context(|| format!("“{}” is not in the programme", poster.of))?;
        for motif in [poster.motif].iter().chain(poster.then) {
            hangings.push(Hanging {
                at: Wall::Event(*event),
                alt_text: poster.alt_text(*motif),
                svg: motif.svg(&poster.palette, poster.x),
                size: (WIDTH, HEIGHT),
            });
        }
    }
    for portrait in &PORTRAITS {
        hangings.push(Hanging {
            at: Wall::Performer(portrait.of),
            alt_text: portrait.alt_text(),
            svg: portrait.svg(),
            size: (portrait::SIDE, portrait::SIDE),
        });
    }
    for stage in view::STAGES {
        let (_, layout) = houses[&stage];
        for view in view::of(stage.house()) {
            hangings.push(Hanging {
                at: Wall::Section(layout, view.section),
                alt_text: view.alt_text(),
                svg: view.svg(stage.house()),
                size: (view::WIDTH, view::HEIGHT),
            });
        }
    }
    Ok(hangings)
}

/// The picture, as PNG.
fn draw(svg: &str, (width, height): (u32, u32)) -> anyhow::Result<Vec<u8>> {
    let tree = Tree::from_str(svg, &Options::default())?;
    let mut picture = Pixmap::new(width, height).context("a picture has a size")?;
    render(&tree, Transform::identity(), &mut picture.as_mut());
    Ok(picture.encode_png()?)
}

impl Poster {
    /// What is seen where it shows that.
    fn alt_text(&self, motif: Motif) -> String {
        format!("{}. The background fades {}.", motif.description(), self.palette.named)
    }
}

#[cfg(test)]
mod tests;
