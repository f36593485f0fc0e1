use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::saga::{Asked, Outcome};
use kernel::{Fault, Result, SagaId};
use metrics::{Counter, counter};
use uuid::Uuid;

use crate::{Ask, Input, Patience, Progress, Saga, Why, advance};

/// A saga that was begun, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running<A: Saga> {
    /// Which.
    pub id: SagaId,
    /// What it is about, such as an order.
    pub about: Uuid,
    /// The saga that began it and waits for its end.
    pub parent: Option<SagaId>,
    /// Where it stands.
    pub progress: Progress<A::Step>,
    /// When it goes on by itself, if nothing is heard; none when it is over.
    pub deadline: Option<DateTime<Utc>>,
    /// Of a saga that works off many things: the last of them that it has begun.
    pub cursor: Option<Uuid>,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When it was over.
    pub ended_at: Option<DateTime<Utc>>,
    /// Rises with each change.
    pub version: i64,
}

/// A saga of any kind, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Which.
    pub id: SagaId,
    /// Of which kind.
    pub kind: String,
    /// What it is about.
    pub about: Uuid,
    /// The saga that began it.
    pub parent: Option<SagaId>,
    /// Where it stands, as JSON.
    pub progress: String,
    /// When it goes on by itself.
    pub deadline: Option<DateTime<Utc>>,
    /// The last of many things that it has begun.
    pub cursor: Option<Uuid>,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When it was over.
    pub ended_at: Option<DateTime<Utc>>,
    /// Rises with each change.
    pub version: i64,
}

impl Kept {
    /// The saga; a fault when it is of another kind or cannot be read.
    pub fn restore<A: Saga>(self) -> Result<Running<A>, Fault> {
        let Self { id, kind, about, parent, progress, deadline, cursor, created_at, ended_at, version } =
            self;
        if kind != A::KIND {
            return Err(Fault::broken_rule(format!("the saga {id} is a {kind} and no {}", A::KIND)));
        }
        let progress = Progress::parse::<A>(&progress)?;
        Ok(Running { id, about, parent, progress, deadline, cursor, created_at, ended_at, version })
    }
}

/// What a saga acts upon, locked.
#[async_trait]
pub trait Stage<A: Saga>: Send {
    /// The database's clock, now that everything is locked.
    fn now(&self) -> DateTime<Utc>;
    /// What is known of the saga from its beginning.
    fn given(&self) -> A::Given;
    /// When what it is about runs out; only for steps that wait until then.
    fn expires_at(&self) -> DateTime<Utc> {
        self.now()
    }
    /// Does what is asked of the saga's own service, at once. A refusal leaves everything as it was. None when there is more to
    /// be done: it is asked again when the step's patience is over.
    async fn does(&mut self, saga: &mut Running<A>, ask: Ask<A::Step>) -> Result<Option<Outcome>>;
    /// Asks another service, together with the commit.
    async fn asks(&mut self, asked: Asked, ask: Ask<A::Step>) -> Result<()>;
    /// Takes note of what moved the saga on, before it does what follows from it.
    fn moved(&mut self, input: &Input<A::Step>, to: Progress<A::Step>);
    /// The saga has come to its end: all is done, or nothing is left of it because of this.
    fn ended(&mut self, undone: Option<Why>);
    /// Counts one after the commit.
    fn counts(&mut self, counter: Counter);
}

impl<A: Saga> Running<A> {
    /// One whose first step is to be asked.
    pub fn new(id: SagaId, about: Uuid, parent: Option<SagaId>, now: DateTime<Utc>) -> Self {
        Self {
            id,
            about,
            parent,
            progress: Progress::start::<A>(),
            deadline: None,
            cursor: None,
            created_at: now,
            ended_at: None,
            version: 0,
        }
    }

    /// Asks the first step, and goes on with what of it is done at once. The caller saves it.
    pub async fn begin(&mut self, stage: &mut dyn Stage<A>) -> Result<()> {
        self.move_to(self.progress, stage);
        let first = self.progress.ask();
        run(self, stage, first).await
    }

    /// As it is kept.
    pub fn kept(&self) -> Kept {
        Kept {
            id: self.id,
            kind: A::KIND.to_owned(),
            about: self.about,
            parent: self.parent,
            progress: self.progress.text(),
            deadline: self.deadline,
            cursor: self.cursor,
            created_at: self.created_at,
            ended_at: self.ended_at,
            version: self.version,
        }
    }

    fn move_to(&mut self, to: Progress<A::Step>, stage: &dyn Stage<A>) {
        let now = stage.now();
        self.progress = to;
        self.deadline = to.patience::<A>().map(|patience| match patience {
            Patience::For(time) => now + time,
            Patience::UntilItExpires => stage.expires_at().max(now),
        });
        self.ended_at = to.is_over().then_some(now);
        self.version += 1;
    }
}

/// Moves a saga on, and does what is asked of its own service on the way. False when the input changes nothing; otherwise the
/// caller saves it.
pub async fn go_on<A: Saga>(
    saga: &mut Running<A>,
    stage: &mut dyn Stage<A>,
    input: &Input<A::Step>,
) -> Result<bool> {
    match take(saga, stage, input) {
        Taken::Nothing => return Ok(false),
        Taken::Moved(ask) => run(saga, stage, ask).await?,
    }
    Ok(true)
}

/// What came of an input.
enum Taken<S> {
    /// It changes nothing.
    Nothing,
    /// The saga moved on, and this is to be asked, unless it is over.
    Moved(Option<Ask<S>>),
}

/// Takes an input up.
fn take<A: Saga>(saga: &mut Running<A>, stage: &mut dyn Stage<A>, input: &Input<A::Step>) -> Taken<A::Step> {
    let at = saga.progress;
    let (next, ask) = advance::<A>(at, input, stage.given());
    if next == at && ask.is_none() {
        return Taken::Nothing;
    }
    stage.counts(counter!("saga_steps_total", "saga" => A::KIND, "step" => input.told::<A>().0));
    stage.moved(input, next);
    saga.move_to(next, stage);
    tracing::debug!(saga = %saga.id, kind = A::KIND, ?at, ?next, "a saga moved on");
    Taken::Moved(ask)
}

async fn run<A: Saga>(
    saga: &mut Running<A>,
    stage: &mut dyn Stage<A>,
    mut ask: Option<Ask<A::Step>>,
) -> Result<()> {
    while let Some(asks) = ask {
        if !asks.is_own::<A>() {
            let (step, way) = (asks.step(), asks.way());
            let (kind, step) = (A::KIND.to_owned(), crate::Step::name(step).to_owned());
            return stage.asks(Asked { saga_id: saga.id, kind, step, way }, asks).await;
        }
        let Some(outcome) = stage.does(saga, asks).await? else { return Ok(()) };
        match take(saga, stage, &asks.answered(outcome)) {
            Taken::Moved(next) => ask = next,
            Taken::Nothing => return Ok(()), // refused where it must happen: it is asked again
        }
    }
    let undone = match saga.progress {
        Progress::Undone { why } => Some(why),
        _ => None,
    };
    let end = if undone.is_some() { "UNDONE" } else { "DONE" };
    stage.counts(counter!("sagas_ended_total", "saga" => A::KIND, "end" => end));
    stage.ended(undone);
    Ok(())
}
