//! A page being drawn on: areas, text, the QR code.

use kernel::Fault;
use krilla::{
    color::rgb,
    geom::{PathBuilder, Point, Rect},
    paint::{Fill, FillRule, Paint, Stroke},
    surface::Surface,
};

use crate::{
    lettering::{Fitted, Lettering, Wish},
    missing,
    qr::Grid,
};

/// Red, green, blue.
pub(crate) type Colour = (u8, u8, u8);

pub(crate) const BLACK: Colour = (0, 0, 0);

/// How wide the outline of letters is, in sizes, that makes them bold where a font has none that are.
const BOLDER: f32 = 0.03;

/// A page being drawn on; y runs downwards.
pub(crate) struct Sheet<'a, 'b> {
    pub(crate) surface: Surface<'a>,
    pub(crate) lettering: &'b mut Lettering,
}

/// How a text is to be set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub(crate) colour: Colour,
    pub(crate) wish: Wish,
}

pub(crate) fn regular(colour: Colour, lines: usize, largest: f32, smallest: f32) -> Style {
    Style { colour, wish: Wish { bold: false, lines, largest, smallest } }
}

pub(crate) fn bold(colour: Colour, lines: usize, largest: f32, smallest: f32) -> Style {
    Style { colour, wish: Wish { bold: true, lines, largest, smallest } }
}

impl Sheet<'_, '_> {
    /// Sets a text with its upper edge at `y`; gives the lower edge. What is written from the right ends there.
    pub(crate) fn text(
        &mut self,
        x: f32,
        y: f32,
        width: f32,
        text: &str,
        style: Style,
    ) -> Result<f32, Fault> {
        let fitted = self.lettering.fit(text, width, style.wish);
        self.fitted(x, y, &fitted, style.colour)
    }

    /// Sets one line that ends at `right`; gives the lower edge.
    pub(crate) fn text_to(
        &mut self,
        right: f32,
        y: f32,
        width: f32,
        text: &str,
        style: Style,
    ) -> Result<f32, Fault> {
        let fitted = self.lettering.fit(text, width, style.wish);
        self.fitted(right - fitted.width(), y, &fitted, style.colour)
    }

    /// Sets what was fitted before.
    pub(crate) fn fitted(&mut self, x: f32, y: f32, fitted: &Fitted, colour: Colour) -> Result<f32, Fault> {
        missing::tell(fitted.missing());
        self.fill(colour);
        let mut base = y;
        for line in 0..fitted.lines() {
            base += fitted.leading();
            for piece in self.lettering.pieces(fitted, line)? {
                let at = Point::from_xy(x + piece.x, base - fitted.size * 0.25);
                self.surface.set_stroke(piece.thicker.then(|| Stroke {
                    paint: paint(colour),
                    width: fitted.size * BOLDER,
                    ..Stroke::default()
                }));
                let surface = &mut self.surface;
                surface.draw_glyphs(at, &piece.glyphs, piece.font, fitted.text(), fitted.size, false);
            }
        }
        self.surface.set_stroke(None);
        Ok(base)
    }

    /// The QR code as boxes, its quiet zone within `side`.
    pub(crate) fn code(&mut self, grid: &Grid, x: f32, y: f32, side: f32) {
        #[expect(clippy::cast_precision_loss, reason = "a code has at most 185 modules a side")]
        let at = |modules: usize| modules as f32 * side / grid.side as f32;
        let mut path = PathBuilder::new();
        for (column, row, length) in grid.runs() {
            if let Some(run) = Rect::from_xywh(x + at(column), y + at(row), at(length), at(1)) {
                path.push_rect(run);
            }
        }
        if let Some(path) = path.finish() {
            self.fill(BLACK);
            self.surface.draw_path(&path);
        }
    }

    /// A rectangle of one colour.
    pub(crate) fn area(&mut self, x: f32, y: f32, width: f32, height: f32, colour: Colour) {
        let mut path = PathBuilder::new();
        if let Some(area) = Rect::from_xywh(x, y, width, height) {
            path.push_rect(area);
        }
        if let Some(path) = path.finish() {
            self.fill(colour);
            self.surface.draw_path(&path);
        }
    }

    fn fill(&mut self, colour: Colour) {
        let fill = Fill { paint: paint(colour), rule: FillRule::NonZero, ..Fill::default() };
        self.surface.set_fill(Some(fill));
    }
}

fn paint((red, green, blue): Colour) -> Paint {
    rgb::Color::new(red, green, blue).into()
}
