use super::*;

const SECRET: TotpSecret = TotpSecret::new(*b"12345678901234567890");

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn none() -> SecondFactors {
    SecondFactors::restore(UserId::new(), Vec::new())
}

fn with_app() -> (SecondFactors, Vec<RecoveryCode>) {
    let mut factors = none();
    let (_, codes) = factors.add_totp("Phone".to_owned(), "sealed".to_owned(), 0, at(0)).unwrap();
    (factors, codes)
}

fn show(factors: &mut SecondFactors, code: &str, known: bool, now: i64) -> Result<Option<FactorKind>> {
    let code = TypedCode::read("code", code)?;
    factors.show(&code, known, at(now), |_| Ok(SECRET))
}

#[test]
fn the_first_factor_brings_recovery_codes_and_the_password_alone_is_not_enough_from_then_on() {
    let mut factors = none();
    assert!(!factors.are_asked_for() && factors.methods().is_empty());
    let (first, codes) =
        factors.add_passkey("Key".to_owned(), "id".to_owned(), "{}".to_owned(), at(0)).unwrap();
    assert_eq!((first.kind(), codes.len()), (FactorKind::Passkey, 10));
    assert!(factors.are_asked_for());
    assert_eq!(factors.methods(), [FactorKind::Passkey, FactorKind::RecoveryCodes]);
    let (_, more) = factors.add_totp("Phone".to_owned(), "sealed".to_owned(), 0, at(0)).unwrap();
    assert!(more.is_empty(), "the codes that there are go on working");
}

#[test]
fn a_code_of_an_app_works_once_and_none_before_it_does_afterwards() {
    let (mut factors, _) = with_app();
    assert_eq!(show(&mut factors, "287 082", false, 59).unwrap(), Some(FactorKind::Totp));
    assert_eq!(show(&mut factors, "287082", false, 59).unwrap(), None);
    // 94287082 is the code of step 1; that of step 0 is 755224.
    assert_eq!(show(&mut factors, "755224", false, 59).unwrap(), None);
}

#[test]
fn a_recovery_code_works_once_and_new_ones_end_those_before() {
    let (mut factors, codes) = with_app();
    let first = codes[0].reveal();
    assert_eq!(show(&mut factors, &first, false, 59).unwrap(), Some(FactorKind::RecoveryCodes));
    assert_eq!(show(&mut factors, &first, false, 59).unwrap(), None);
    let renewed = factors.renew_recovery_codes(at(60)).unwrap();
    assert_eq!(show(&mut factors, &codes[1].reveal(), false, 61).unwrap(), None);
    assert_eq!(show(&mut factors, &renewed[0].reveal(), false, 61).unwrap(), Some(FactorKind::RecoveryCodes));
    none().renew_recovery_codes(at(0)).unwrap_err();
}

#[test]
fn nobody_finds_a_code_by_trying_and_the_owner_is_not_locked_out() {
    let (mut factors, codes) = with_app();
    for _ in 0..20 {
        assert_eq!(show(&mut factors, "000000", false, 59).unwrap(), None);
    }
    let refused = show(&mut factors, "287082", false, 59).unwrap_err();
    assert!(refused.refusal().unwrap().is(reasons::TOO_MANY_WRONG_CODES));
    assert_eq!(refused.refusal().unwrap().details["retryAfterSeconds"], 3601);
    assert_eq!(show(&mut factors, &codes[3].reveal(), false, 59).unwrap(), Some(FactorKind::RecoveryCodes));
    assert_eq!(show(&mut factors, "287082", true, 59).unwrap(), Some(FactorKind::Totp), "where it is known");
    assert_eq!(show(&mut factors, "000000", false, 60).unwrap(), None, "a right one forgives");
}

#[test]
fn what_is_no_code_is_told_so_and_counts_for_nothing() {
    let (mut factors, _) = with_app();
    for text in ["", "12345", "1234567", "abcdef", &"1".repeat(10_000)] {
        let refused = show(&mut factors, text, false, 59).unwrap_err();
        assert_eq!(refused.refusal().unwrap().details["field"], "code");
    }
}

#[test]
fn with_the_last_factor_the_recovery_codes_go() {
    let (mut factors, _) = with_app();
    let (app, codes) = (factors.all()[0].id, factors.all()[1].id);
    assert!(factors.remove(codes).unwrap_err().is(reasons::RECOVERY_CODES_STAY));
    factors.remove(SecondFactorId::new()).unwrap_err();
    assert_eq!(factors.remove(app).unwrap(), FactorKind::Totp);
    assert!(factors.all().is_empty() && !factors.are_asked_for());
    assert_eq!(factors.take_changed().1, [app, codes]);
}

#[test]
fn an_account_has_ten_of_a_kind_at_most() {
    let (mut factors, _) = with_app();
    for _ in 1..10 {
        factors.add_totp("Phone".to_owned(), "sealed".to_owned(), 0, at(0)).unwrap();
    }
    let refused = factors.add_totp("Phone".to_owned(), "sealed".to_owned(), 0, at(0)).unwrap_err();
    assert!(refused.is(reasons::TOO_MANY_SECOND_FACTORS));
}
