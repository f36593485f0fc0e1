//! Who performs, drawn as head and shoulders before a bright disc.

use super::motif::{Drawing, Palette};

/// How wide and high a portrait is, in pixels.
pub(super) const SIDE: u32 = 480;

/// A picture of a performer.
pub(super) struct Portrait {
    /// The performer's name.
    pub(super) of: &'static str,
    /// What is on the head.
    pub(super) hair: Hair,
    /// In which colours.
    pub(super) palette: Palette,
}

/// What is on a head.
#[derive(Clone, Copy)]
pub(super) enum Hair {
    Short,
    Long,
    Bun,
    Hat,
}

pub(super) static PORTRAITS: [Portrait; 6] = [
    Portrait {
        of: "Mara Oyelaran",
        hair: Hair::Bun,
        palette: Palette {
            named: "from plum to gold",
            above: "#5b1f4e",
            below: "#f7b733",
            dark: "#3a0f31",
            light: "#fff1b8",
        },
    },
    Portrait {
        of: "Juniper Vale",
        hair: Hair::Hat,
        palette: Palette {
            named: "from indigo to rose",
            above: "#231b54",
            below: "#d6698f",
            dark: "#1c1038",
            light: "#ffeef5",
        },
    },
    Portrait {
        of: "Nora Feldman",
        hair: Hair::Short,
        palette: Palette {
            named: "from midnight blue to brick red",
            above: "#101436",
            below: "#a63d33",
            dark: "#0a0b1c",
            light: "#ffe9b0",
        },
    },
    Portrait {
        of: "Josef Arnim",
        hair: Hair::Short,
        palette: Palette {
            named: "from bottle green to sand",
            above: "#123a3c",
            below: "#dcc48e",
            dark: "#2a1a12",
            light: "#fff7df",
        },
    },
    Portrait {
        of: "Lea Sommaruga",
        hair: Hair::Long,
        palette: Palette {
            named: "from wine red to sand",
            above: "#4a1420",
            below: "#dcc48e",
            dark: "#260a10",
            light: "#fff7df",
        },
    },
    Portrait {
        of: "Beatriz Noronha",
        hair: Hair::Bun,
        palette: Palette {
            named: "from sea blue to apricot",
            above: "#0f3a5b",
            below: "#f2b079",
            dark: "#0a2236",
            light: "#fff0dc",
        },
    },
];

impl Hair {
    fn description(self) -> &'static str {
        match self {
            Self::Short => "with short hair",
            Self::Long => "with long hair",
            Self::Bun => "with a bun",
            Self::Hat => "in a hat with a wide brim",
        }
    }
}

impl Portrait {
    /// What is seen on it.
    pub(super) fn alt_text(&self) -> String {
        let Self { of, hair, palette } = self;
        format!(
            "Drawn portrait of {of}, {}, before a bright disc. The background fades {}.",
            hair.description(),
            palette.named
        )
    }

    /// The drawing.
    pub(super) fn svg(&self) -> String {
        let Palette { dark, light, below, .. } = &self.palette;
        let mut drawing = Drawing::on(&self.palette, SIDE, SIDE);
        for (radius, opacity) in [(215, 0.18), (180, 0.3), (145, 0.95)] {
            drawing.disc(240, 200, radius, light, opacity);
        }
        drawing.shape("M40 480C50 370 130 345 205 335V270H275V335C350 345 430 370 440 480Z", dark, 1.0);
        match self.hair {
            Hair::Short => {
                drawing.shape("M160 200C150 90 330 90 320 200C300 150 180 150 160 200Z", dark, 1.0);
            }
            Hair::Long => {
                drawing.shape(
                    "M150 350C120 60 360 60 330 350C310 300 310 240 300 200H180C170 240 170 300 150 350Z",
                    dark,
                    1.0,
                );
            }
            Hair::Bun => {
                drawing.disc(240, 92, 36, dark, 1.0);
                drawing.shape("M160 205C150 95 330 95 320 205C300 155 180 155 160 205Z", dark, 1.0);
            }
            Hair::Hat => {}
        }
        drawing.shape(
            "M168 195C168 130 312 130 312 195C312 265 275 305 240 305S168 265 168 195Z",
            below,
            1.0,
        );
        drawing.shape("M240 305C275 305 312 265 312 195C312 160 300 145 240 145Z", dark, 0.18);
        // A brim stands before the brow.
        if matches!(self.hair, Hair::Hat) {
            drawing.shape("M95 165C180 135 300 135 385 165C300 185 180 185 95 165Z", dark, 1.0);
            drawing.shape("M170 155C165 70 205 80 240 88C275 80 315 70 310 155Z", dark, 1.0);
        }
        drawing.line("M195 335C215 365 265 365 285 335", below, 6, 0.6);
        drawing.done()
    }
}
