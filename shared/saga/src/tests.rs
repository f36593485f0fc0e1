//! The engine, run by a saga that prints, posts and counts posters.

use std::{collections::BTreeMap, sync::Mutex, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use contracts::saga::{Asked, Outcome, Way};
use kernel::{Fault, Result, SagaId, from_millis};
use metrics::Counter;
use sea_orm::{ConnectionTrait, Statement};
use sea_orm_migration::{MigrationTrait, MigratorTrait, SchemaManager};
use serde::{Deserialize, Serialize};
use service::database::Writes;
use testbed::{OwnDatabase, own_database};
use uuid::Uuid;

use crate::{
    Ask, Back, Input, Line, Patience, Progress, Running, Saga, Stage, Step, Whom, Why,
    clock::{Kind, MovesOn, measure, tick},
    go_on,
    rows::{self, Due},
    suite::{every_walk_ends_well, no_order_of_messages_breaks},
};

/// Posters are printed, paid, posted, and counted one by one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Posters;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Poster {
    Print,
    Pay,
    Post,
    Count,
}

impl Step for Poster {
    fn name(self) -> &'static str {
        match self {
            Self::Print => "PRINT",
            Self::Pay => "PAY",
            Self::Post => "POST",
            Self::Count => "COUNT",
        }
    }
}

/// True: they are printed for nothing.
type Free = bool;

const MINUTE: Duration = Duration::from_mins(1);

impl Saga for Posters {
    const KIND: &'static str = "posters";
    type Step = Poster;
    type Given = Free;

    fn table() -> &'static [Line<Poster>] {
        const fn line(step: Poster, of: Whom, back: Back, patience: Patience) -> Line<Poster> {
            Line { step, of, back, patience }
        }
        const TABLE: [Line<Poster>; 4] = [
            line(Poster::Print, Whom::Itself, Back::By("PULP"), Patience::For(MINUTE)),
            line(Poster::Pay, Whom::Service("bank"), Back::By("PAY_BACK"), Patience::UntilItExpires),
            line(Poster::Post, Whom::Service("post"), Back::Pivot, Patience::For(MINUTE)),
            line(Poster::Count, Whom::Itself, Back::MustHappen, Patience::For(MINUTE)),
        ];
        &TABLE
    }

    fn leaves_out(step: Poster, free: Free) -> bool {
        free && step == Poster::Pay
    }
}

/// A wall with so many posters still to be counted.
#[derive(Default)]
struct Wall {
    free: Free,
    uncounted: u32,
    printer_is_broken: bool,
    asked: Vec<(String, Way)>,
    told: Vec<String>,
    ended: Vec<Option<Why>>,
}

const NOW: i64 = 1_000_000;

#[async_trait]
impl Stage<Posters> for Wall {
    fn now(&self) -> DateTime<Utc> {
        from_millis(NOW)
    }

    fn given(&self) -> Free {
        self.free
    }

    fn expires_at(&self) -> DateTime<Utc> {
        self.now() + TimeDelta::hours(1)
    }

    async fn does(&mut self, saga: &mut Running<Posters>, ask: Ask<Poster>) -> Result<Option<Outcome>> {
        Ok(match ask {
            Ask::Do(Poster::Print) if self.printer_is_broken => {
                Some(Outcome::Refused { reason: "no ink".to_owned() })
            }
            Ask::Do(Poster::Count) if self.uncounted > 0 => {
                self.uncounted -= 1;
                saga.cursor = Some(Uuid::from_u128(u128::from(self.uncounted)));
                None
            }
            _ => Some(Outcome::Done),
        })
    }

    async fn asks(&mut self, asked: Asked, ask: Ask<Poster>) -> Result<()> {
        assert_eq!(asked.step, ask.step().name());
        self.asked.push((asked.step, asked.way));
        Ok(())
    }

    fn moved(&mut self, input: &Input<Poster>, _to: Progress<Poster>) {
        self.told.push(input.told::<Posters>().0);
    }

    fn ended(&mut self, undone: Option<Why>) {
        self.ended.push(undone);
    }

    fn counts(&mut self, _counter: Counter) {}
}

async fn begun(wall: &mut Wall) -> Running<Posters> {
    let mut saga = Running::new(SagaId::new(), Uuid::nil(), None, wall.now());
    saga.begin(wall).await.expect("it begins");
    saga
}

fn done(step: Poster, way: Way) -> Input<Poster> {
    Input::Reply(step, way, Outcome::Done)
}

#[test]
fn every_walk_over_its_table_ends_well() {
    for free in [false, true] {
        every_walk_ends_well::<Posters>(free);
    }
}

#[test]
fn no_order_of_messages_breaks_it() {
    let states = [false, true].map(no_order_of_messages_breaks::<Posters>);
    assert!(states[0] > 40 && states[1] > 5, "the model was walked: {states:?}");
}

#[tokio::test]
async fn what_is_its_own_is_done_at_once_and_the_rest_is_asked() {
    let mut wall = Wall::default();
    let mut saga = begun(&mut wall).await;
    assert_eq!(saga.progress, Progress::Forward { step: Poster::Pay });
    assert_eq!(saga.deadline, Some(wall.expires_at()), "as long as there is time");
    assert!(go_on(&mut saga, &mut wall, &done(Poster::Pay, Way::Do)).await.unwrap());
    assert_eq!(saga.deadline, Some(wall.now() + MINUTE));
    assert!(!go_on(&mut saga, &mut wall, &done(Poster::Pay, Way::Do)).await.unwrap(), "a repetition");
    assert!(go_on(&mut saga, &mut wall, &done(Poster::Post, Way::Do)).await.unwrap());
    assert_eq!((saga.progress, saga.ended_at), (Progress::Done, Some(wall.now())));
    assert_eq!(wall.asked, [("PAY".to_owned(), Way::Do), ("POST".to_owned(), Way::Do)]);
    assert_eq!(wall.told, ["PRINT_DONE", "PAY_DONE", "POST_DONE", "COUNT_DONE"]);
    assert_eq!(wall.ended, [None]);
}

#[tokio::test]
async fn what_cannot_be_done_at_once_goes_back_at_once() {
    let mut wall = Wall { printer_is_broken: true, ..Wall::default() };
    let saga = begun(&mut wall).await;
    assert_eq!(saga.progress, Progress::Undone { why: Why::Refused });
    assert_eq!(wall.ended, [Some(Why::Refused)]);
    assert!(wall.asked.is_empty());
}

#[tokio::test]
async fn many_things_are_worked_off_some_at_a_time() {
    let mut wall = Wall { free: true, uncounted: 2, ..Wall::default() };
    let mut saga = begun(&mut wall).await;
    go_on(&mut saga, &mut wall, &done(Poster::Post, Way::Do)).await.unwrap();
    assert_eq!(saga.progress, Progress::Forward { step: Poster::Count });
    assert_eq!(saga.cursor, Some(Uuid::from_u128(1)));
    go_on(&mut saga, &mut wall, &Input::TimedOut).await.unwrap();
    assert_eq!((saga.progress, saga.cursor), (Progress::Forward { step: Poster::Count }, Some(Uuid::nil())));
    go_on(&mut saga, &mut wall, &Input::TimedOut).await.unwrap();
    assert_eq!(saga.progress, Progress::Done);
}

#[derive(Debug)]
struct OnlySagas;

struct Create;

impl sea_orm_migration::MigrationName for Create {
    fn name(&self) -> &'static str {
        "create_sagas"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait states it without, as the macro needs")]
#[async_trait]
impl MigrationTrait for Create {
    async fn up(&self, manager: &SchemaManager) -> Result<(), sea_orm::DbErr> {
        crate::migrations::create(manager).await
    }
}

#[async_trait]
impl MigratorTrait for OnlySagas {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Create)]
    }
}

/// Keeps a saga whose time was over long ago.
async fn keep(own: &OwnDatabase, saga: &Running<Posters>) {
    let transaction = own.database.begin().await.unwrap();
    let mut writes = Writes::default();
    writes.add(rows::save(saga.kept()), &transaction).await.unwrap();
    writes.send(&transaction).await.unwrap();
    transaction.commit().await.unwrap();
}

async fn kept(own: &OwnDatabase, id: SagaId) -> Option<Running<Posters>> {
    let transaction = own.database.begin().await.unwrap();
    rows::lock(&transaction, id).await.unwrap().map(|kept| kept.restore().unwrap())
}

#[tokio::test]
async fn a_saga_is_kept_as_it_stands() {
    let own = own_database::<OnlySagas>("sagas").await;
    let mut wall = Wall { free: true, uncounted: 1, ..Wall::default() };
    let mut saga = begun(&mut wall).await;
    saga.parent = Some(SagaId::new());
    keep(&own, &saga).await;
    assert_eq!(kept(&own, saga.id).await.as_ref(), Some(&saga));
    go_on(&mut saga, &mut wall, &done(Poster::Post, Way::Do)).await.unwrap();
    keep(&own, &saga).await;
    assert_eq!(kept(&own, saga.id).await.as_ref(), Some(&saga));
    assert_eq!(kept(&own, SagaId::new()).await, None);
}

/// One is poisoned; the others are remembered.
struct Mover {
    poisoned: SagaId,
    moved: Mutex<Vec<SagaId>>,
    database: service::Database,
}

#[async_trait]
impl MovesOn for Mover {
    async fn timed_out(&self, due: &Due) -> Result<()> {
        assert_eq!(due.kind, Posters::KIND);
        if due.id == self.poisoned {
            return Err(Fault::broken_rule("nobody can read it").into());
        }
        self.moved.lock().unwrap().push(due.id);
        Ok(rows::set_aside(&self.database.writes, due.id, Duration::from_hours(1)).await?)
    }
}

#[tokio::test]
async fn a_poisoned_saga_rests_and_delays_no_other() {
    let own = own_database::<OnlySagas>("sagas").await;
    let sagas = [begun(&mut Wall::default()).await, begun(&mut Wall::default()).await];
    for saga in &sagas {
        keep(&own, saga).await;
    }
    let database = own.database.clone();
    let mover = Mover { poisoned: sagas[0].id, moved: Mutex::default(), database: database.clone() };
    for _ in 0..2 {
        let until = tick(&database, &mover).await.expect("the others go on");
        assert!(
            (Duration::from_mins(9)..crate::clock::SET_ASIDE + Duration::from_secs(1)).contains(&until),
            "{until:?}"
        );
    }
    assert_eq!(*mover.moved.lock().unwrap(), [sagas[1].id], "once, for it has another deadline then");
}

#[tokio::test]
async fn who_waits_for_others_is_woken_and_not_put_off() {
    let own = own_database::<OnlySagas>("sagas").await;
    let mut wall = Wall { free: true, uncounted: 1, ..Wall::default() };
    let mut parent = begun(&mut wall).await;
    go_on(&mut parent, &mut wall, &done(Poster::Post, Way::Do)).await.unwrap();
    keep(&own, &parent).await;
    for (at, expected) in [(NOW + 5, NOW + 5), (NOW + 7, NOW + 5)] {
        let transaction = own.database.begin().await.unwrap();
        let mut writes = Writes::default();
        writes.add(rows::wake(parent.id, from_millis(at)), &transaction).await.unwrap();
        writes.send(&transaction).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(kept(&own, parent.id).await.unwrap().deadline, Some(from_millis(expected)));
    }
}

#[tokio::test]
async fn sagas_are_measured_by_where_they_stand_and_one_that_cannot_be_read_hides_no_other() {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let shown = recorder.handle();
    let own = own_database::<OnlySagas>("sagas").await;
    let mut ids = BTreeMap::new();
    for name in ["reads", "reads too", "does not"] {
        let saga = begun(&mut Wall::default()).await;
        keep(&own, &saga).await;
        ids.insert(name, saga.id);
    }
    let backend = own.database.writes.get_database_backend();
    let spoil = Statement::from_sql_and_values(
        backend,
        "UPDATE sagas SET progress = 'nonsense' WHERE id = $1",
        [ids["does not"].uuid().into()],
    );
    own.database.writes.execute_raw(spoil).await.unwrap();
    let metrics = metrics::set_default_local_recorder(&recorder);
    measure(&own.database, &[Kind::of::<Posters>()]).await.expect("the others are measured");
    drop(metrics);
    let shown = shown.render();
    for line in [
        r#"sagas_open{saga="posters",step="PAY"} 2"#,
        r#"sagas_open{saga="posters",step="PAY_BACK"} 0"#,
        r#"sagas_open{saga="posters",step="UNREADABLE"} 1"#,
    ] {
        assert!(shown.contains(line), "{line} is not in {shown}");
    }
}
