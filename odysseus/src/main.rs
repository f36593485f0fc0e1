//! `odysseus`.

fn main() {}
