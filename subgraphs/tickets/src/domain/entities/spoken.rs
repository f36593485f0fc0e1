/// The last bits of an id, which are random, as characters that people can read to each other:
/// Crockford's base 32, without I, L, O and U.
pub(super) fn spoken(id: uuid::Uuid, length: u32) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let bits = id.as_u128();
    (0..length).rev().map(|place| char::from(ALPHABET[(bits >> (place * 5) & 31) as usize])).collect()
}

#[cfg(test)]
mod tests {
    use kernel::OrderId;

    use super::*;

    #[test]
    fn numbers_that_people_say_differ() {
        let numbers: std::collections::HashSet<String> =
            (0..1000).map(|_| spoken(OrderId::new().uuid(), 8)).collect();
        assert_eq!(numbers.len(), 1000);
        assert!(numbers.iter().all(|number| number.len() == 8));
    }
}
