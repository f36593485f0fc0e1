//! What posters show, as SVG.

use std::fmt::{self, Write as _};

/// How wide a poster is, in pixels.
pub(super) const WIDTH: u32 = 960;
/// How high a poster is, in pixels.
pub(super) const HEIGHT: u32 = 540;

/// The colours of a poster, as SVG writes them.
pub(super) struct Palette {
    /// From which to which colour the background fades, downwards.
    pub(super) named: &'static str,
    /// The background's upper edge.
    pub(super) above: &'static str,
    /// The background's lower edge.
    pub(super) below: &'static str,
    /// What stands before it.
    pub(super) dark: &'static str,
    /// What shines.
    pub(super) light: &'static str,
}

/// What a poster shows.
#[derive(Clone, Copy)]
pub(super) enum Motif {
    SunOverWaves,
    Rails,
    MoonOverHills,
    OpenCurtain,
    Rink,
    Microphone,
    Net,
}

/// An SVG in the making.
pub(super) struct Drawing(String);

impl Motif {
    /// What is seen, in words.
    pub(super) fn description(self) -> &'static str {
        match self {
            Self::SunOverWaves => "Rings spread from a low sun over four rows of dark waves",
            Self::Rails => "Rails run through the dark towards a single bright light",
            Self::MoonOverHills => "A full moon and a few stars stand over three hills",
            Self::OpenCurtain => "A curtain opens on an empty stage with one spotlight",
            Self::Rink => "The lines of an ice rink seen from above, with a puck on its way to the goal",
            Self::Microphone => "A microphone on its stand, alone in a beam of light",
            Self::Net => "Nine dots joined by lines, the largest of them bright",
        }
    }

    /// The drawing, with its main thing so far from the left.
    pub(super) fn svg(self, palette: &Palette, x: u32) -> String {
        let mut drawing = Drawing::on(palette, WIDTH, HEIGHT);
        match self {
            Self::SunOverWaves => drawing.sun_over_waves(palette, x),
            Self::Rails => drawing.rails(palette, x),
            Self::MoonOverHills => drawing.moon_over_hills(palette, x),
            Self::OpenCurtain => drawing.open_curtain(palette, x),
            Self::Rink => drawing.rink(palette, x),
            Self::Microphone => drawing.microphone(palette, x),
            Self::Net => drawing.net(palette, x),
        }
        drawing.done()
    }
}

impl Drawing {
    /// A background alone.
    pub(super) fn on(Palette { above, below, .. }: &Palette, width: u32, height: u32) -> Self {
        let mut drawing = Self(String::new());
        drawing.add(format_args!(
            "<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}'>\
             <linearGradient id='sky' x2='0' y2='1'><stop stop-color='{above}'/><stop offset='1' stop-color='{below}'/></linearGradient>\
             <rect width='{width}' height='{height}' fill='url(#sky)'/>"
        ));
        drawing
    }

    /// The whole of it.
    pub(super) fn done(mut self) -> String {
        self.add(format_args!("</svg>"));
        self.0
    }

    fn add(&mut self, element: fmt::Arguments<'_>) {
        self.0.write_fmt(element).expect("there is always room in a text");
    }

    pub(super) fn disc(&mut self, x: u32, y: u32, radius: u32, colour: &str, opacity: f32) {
        self.add(format_args!(
            "<circle cx='{x}' cy='{y}' r='{radius}' fill='{colour}' opacity='{opacity}'/>"
        ));
    }

    /// A disc whose place was reckoned.
    pub(super) fn round(&mut self, x: f32, y: f32, radius: f32, colour: &str, opacity: f32) {
        self.add(format_args!(
            "<circle cx='{x:.1}' cy='{y:.1}' r='{radius:.1}' fill='{colour}' opacity='{opacity:.2}'/>"
        ));
    }

    pub(super) fn shape(&mut self, path: &str, colour: &str, opacity: f32) {
        self.add(format_args!("<path d='{path}' fill='{colour}' opacity='{opacity}'/>"));
    }

    pub(super) fn line(&mut self, path: &str, colour: &str, width: u32, opacity: f32) {
        self.add(format_args!(
            "<path d='{path}' fill='none' stroke='{colour}' stroke-width='{width}' stroke-linecap='round' opacity='{opacity}'/>"
        ));
    }

    /// What is lit from above at `x`, and where the light falls.
    fn spotlight(&mut self, light: &str, x: u32) {
        let (left, right) = (x - 190, x + 190);
        self.shape(&format!("M{x} -60L{left} 470H{right}Z"), light, 0.25);
        self.add(format_args!("<ellipse cx='{x}' cy='470' rx='190' ry='34' fill='{light}' opacity='0.7'/>"));
    }

    fn sun_over_waves(&mut self, Palette { dark, light, .. }: &Palette, x: u32) {
        for (radius, opacity) in [(125, 0.5), (180, 0.36), (245, 0.25), (320, 0.16), (405, 0.1)] {
            self.add(format_args!(
                "<circle cx='{x}' cy='290' r='{radius}' fill='none' stroke='{light}' stroke-width='6' opacity='{opacity}'/>"
            ));
        }
        self.disc(x, 290, 82, light, 1.0);
        for (y, shift, opacity) in [(335, 120, 0.4), (385, 90, 0.6), (435, 150, 0.8), (488, 105, 1.0)] {
            let swell = "t120 0".repeat(9);
            self.shape(&format!("M-{shift} {y}q60 -34 120 0{swell}V560H-{shift}Z"), dark, opacity);
        }
    }

    fn rails(&mut self, Palette { dark, light, .. }: &Palette, x: u32) {
        for (radius, opacity) in [(190, 0.07), (120, 0.12), (64, 0.25)] {
            self.disc(x, 210, radius, light, opacity);
        }
        self.shape(&format!("M0 240H{WIDTH}V{HEIGHT}H0Z"), dark, 0.75);
        for (y, half, width) in
            [(262, 34, 4), (288, 62, 6), (322, 98, 9), (366, 145, 13), (424, 207, 18), (498, 286, 26)]
        {
            self.line(&format!("M{} {y}H{}", x - half, x + half), light, width, 0.22);
        }
        for end in [x - 330, x + 330] {
            self.line(&format!("M{x} 232L{end} 560"), light, 7, 0.9);
        }
        self.disc(x, 210, 30, light, 1.0);
    }

    fn moon_over_hills(&mut self, Palette { dark, light, .. }: &Palette, x: u32) {
        for (radius, opacity) in [(190, 0.1), (140, 0.16), (84, 1.0)] {
            self.disc(x, 170, radius, light, opacity);
        }
        for (x, y, radius) in [
            (70, 90, 4),
            (150, 210, 3),
            (420, 60, 5),
            (505, 180, 3),
            (600, 105, 4),
            (880, 70, 5),
            (905, 230, 3),
        ] {
            self.disc(x, y, radius, light, 0.9);
        }
        for (hill, opacity) in [
            ("M0 390C160 290 300 300 430 370S760 330 960 300V540H0Z", 0.45),
            ("M0 460C180 420 260 350 450 410S800 400 960 400V540H0Z", 0.7),
            ("M0 480C240 520 420 430 640 470S880 500 960 470V540H0Z", 1.0),
        ] {
            self.shape(hill, dark, opacity);
        }
    }

    fn open_curtain(&mut self, Palette { dark, light, .. }: &Palette, x: u32) {
        self.shape(&format!("M0 450H{WIDTH}V{HEIGHT}H0Z"), dark, 0.45);
        self.spotlight(light, x);
        for mirrored in ["", " transform='matrix(-1 0 0 1 960 0)'"] {
            self.add(format_args!("<g fill='{dark}'{mirrored}>"));
            for (upper, lower, opacity) in [(330, 150, 0.5), (240, 104, 0.65), (150, 58, 1.0)] {
                self.add(format_args!(
                    "<path d='M-10 -10H{upper}C{upper} 240 {lower} 330 {lower} 560H-10Z' opacity='{opacity}'/>"
                ));
            }
            self.add(format_args!("</g>"));
        }
        self.shape(&format!("M0 -10H960V50{}Z", "q-60 62 -120 0".repeat(8)), dark, 1.0);
    }

    fn rink(&mut self, Palette { dark, light, .. }: &Palette, x: u32) {
        self.add(format_args!(
            "<rect x='60' y='50' width='840' height='440' rx='120' fill='none' stroke='{dark}' stroke-width='8'/>\
             <circle cx='480' cy='270' r='84' fill='none' stroke='{dark}' stroke-width='6'/>"
        ));
        self.line("M480 54V486", light, 8, 1.0);
        for line in ["M330 54V486", "M630 54V486"] {
            self.line(line, dark, 8, 0.6);
        }
        for goal in ["M140 62V478M140 215a55 55 0 0 1 0 110", "M820 62V478M820 215a55 55 0 0 0 0 110"] {
            self.line(goal, light, 5, 0.9);
        }
        for (back, y, width, opacity) in [(230, 398, 8, 0.15), (150, 352, 18, 0.25), (80, 312, 28, 0.35)] {
            self.line(&format!("M{} {y}L{x} 266", x - back), dark, width, opacity);
        }
        self.disc(x, 266, 32, dark, 1.0);
    }

    fn microphone(&mut self, Palette { dark, light, .. }: &Palette, x: u32) {
        self.shape(&format!("M0 455H{WIDTH}V{HEIGHT}H0Z"), dark, 0.7);
        self.spotlight(light, x);
        self.add(format_args!("<ellipse cx='{x}' cy='474' rx='74' ry='14' fill='{dark}'/>"));
        self.line(&format!("M{x} 470V236"), dark, 10, 1.0);
        self.add(format_args!(
            "<g transform='rotate(-32 {x} 236)' fill='{dark}'><path d='M{x} 262h-14l-12 -104h52l-12 104Z'/>\
             <circle cx='{x}' cy='132' r='46'/>"
        ));
        for y in [112, 132, 152] {
            self.line(&format!("M{} {y}H{}", x - 32, x + 32), light, 4, 0.5);
        }
        self.add(format_args!("</g>"));
    }

    fn net(&mut self, Palette { dark, light, .. }: &Palette, x: u32) {
        let dots = [
            (110, 150, 22),
            (250, 400, 30),
            (300, 200, 16),
            (400, 80, 24),
            (560, 460, 20),
            (650, 130, 30),
            (760, 350, 24),
            (860, 190, 16),
        ];
        for (from_x, from_y, _) in dots {
            self.line(&format!("M{from_x} {from_y}L{x} 275"), light, 4, 0.55);
        }
        for ((from_x, from_y, _), (to_x, to_y, _)) in dots.iter().zip(&dots[2..]) {
            self.line(&format!("M{from_x} {from_y}L{to_x} {to_y}"), light, 3, 0.3);
        }
        for (x, y, radius) in dots {
            self.disc(x, y, radius + 6, light, 0.35);
            self.disc(x, y, radius, dark, 1.0);
        }
        self.disc(x, 275, 92, light, 0.25);
        self.disc(x, 275, 62, light, 1.0);
    }
}
