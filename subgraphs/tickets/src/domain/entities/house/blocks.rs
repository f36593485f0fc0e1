//! Which seats are side by side.

use super::{House, RowPlan};

/// How much wider than others a gap in a row is that is an aisle.
const AISLE: f32 = 1.6;

/// Seats side by side in a row, with no aisle between them: their numbers follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// The number of its first seat.
    pub first: u32,
    /// The number behind its last seat.
    pub end: u32,
    /// Of which section: its place among the house's.
    pub section: usize,
}

impl Block {
    /// The numbers of its seats.
    pub fn seats(self) -> std::ops::Range<u32> {
        self.first..self.end
    }
}

impl House {
    /// All seats, in the order of their numbers, side by side as far as rows and aisles let them be.
    pub fn blocks(&self) -> &[Block] {
        self.blocks.get_or_init(|| {
            let mut blocks = Vec::new();
            for (section, is) in self.sections.iter().enumerate() {
                let mut first = is.first_seat;
                for row in &is.rows {
                    for seats in side_by_side(row) {
                        blocks.push(Block { first, end: first + seats, section });
                        first += seats;
                    }
                }
            }
            blocks
        })
    }

    /// The block of a seat.
    pub fn block_of(&self, seat: u32) -> Option<Block> {
        let behind = self.blocks().partition_point(|block| block.first <= seat);
        self.blocks()[..behind].last().copied().filter(|block| block.seats().contains(&seat))
    }
}

/// How many seats of a row are side by side, from one aisle to the next.
fn side_by_side(row: &RowPlan) -> Vec<u32> {
    let gaps: Vec<f32> =
        row.seats.windows(2).map(|two| (two[1].x - two[0].x).hypot(two[1].y - two[0].y)).collect();
    let mut sorted = gaps.clone();
    sorted.sort_unstable_by(f32::total_cmp);
    let usual = sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or_default();
    let mut blocks = Vec::new();
    let mut seats = u32::from(!row.seats.is_empty());
    for gap in gaps {
        if usual > 0.0 && gap > usual * AISLE {
            blocks.push(seats);
            seats = 0;
        }
        seats += 1;
    }
    blocks.extend((seats > 0).then_some(seats));
    blocks
}

#[cfg(test)]
mod tests {
    use contracts::events::{Places, SeatPlan, SectionPlan};
    use kernel::LayoutId;

    use super::*;

    fn row(places: &[f32]) -> RowPlan {
        let seat =
            |(number, x): (usize, &f32)| SeatPlan::from((number.to_string(), number.to_string(), *x, 0.0, 0));
        RowPlan { label: "A".to_owned(), seats: places.iter().enumerate().map(seat).collect() }
    }

    #[test]
    fn an_aisle_parts_the_seats_of_a_row_and_so_does_the_end_of_a_row() {
        assert_eq!(side_by_side(&row(&[1.0, 2.0, 3.0, 5.0, 6.0])), [3, 2]);
        assert_eq!(side_by_side(&row(&[0.0, 0.0, 0.0])), [3], "a plan without places");
        assert_eq!(side_by_side(&row(&[4.0])), [1]);
        assert!(side_by_side(&row(&[])).is_empty());
        let rows = vec![row(&[1.0, 2.0, 4.0]), row(&[1.0, 2.0])];
        let section =
            SectionPlan { key: "A".to_owned(), name: "A".to_owned(), places: Places::Seated { rows } };
        let house = House::new(LayoutId::new(), vec![section]).unwrap();
        let blocks: Vec<_> = house.blocks().iter().map(|block| block.seats()).collect();
        assert_eq!(blocks, [0..2, 2..3, 3..5]);
        assert_eq!(house.block_of(3).unwrap().seats(), 3..5);
        assert_eq!(house.block_of(5), None);
    }
}
