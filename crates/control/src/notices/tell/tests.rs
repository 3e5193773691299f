//! What people are told of a release on a real store, by receivers that take it, refuse it, or are away; with the teller
//! lost at any time.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use model::deployment::NoticeEvent::{self, Created, Ended, Paused, RollbackBlocked};
use model::deployment::{Deployment, Phase};

use super::*;
use crate::deployments::tests::{CANARY, Shop, new};
use crate::deployments::{self, Command, Order};
use crate::notices::Hears;
use crate::testing::{Scratch, meta_at, random};

const START_MS: u64 = 1_700_000_000_000;

/// The receivers outside, and the clock.
#[derive(Default)]
struct Around {
    now_ms: AtomicU64,
    /// What each answers; those that are not here take everything.
    answers: Mutex<BTreeMap<String, HookAnswer>>,
    /// Everything that was sent: to whom, the key, the event.
    sent: Mutex<Vec<(String, String, NoticeEvent)>>,
}

struct Game {
    scratch: Scratch,
    store: Store,
    around: Arc<Around>,
    receivers: Receivers,
    report: Report,
    desk: Desk,
    id: DeploymentId,
}

impl Game {
    async fn of(receivers: Receivers) -> Self {
        let scratch = Scratch::new();
        let store = scratch.store();
        let around = Arc::<Around>::default();
        around.now_ms.store(START_MS, Ordering::Relaxed);
        Shop::open(&store).await;
        let report = Report::default();
        let mut desk = desk(&store, &around, &receivers, &report);
        desk.begin().await.unwrap();
        let id = deployments::create(&store, meta_at(START_MS), &random(), new(CANARY)).await.unwrap().deployment.id;
        Self { scratch, store, around, receivers, report, desk, id }
    }

    fn answer(&self, receiver: &str, answer: HookAnswer) {
        self.around.answers.lock().unwrap().insert(receiver.to_owned(), answer);
    }

    fn now_ms(&self) -> u64 {
        self.around.now_ms.load(Ordering::Relaxed)
    }

    async fn order(&self, command: Command) {
        let order = Order { by: "alice".into(), reason: "told so".into(), ..Order::default() };
        deployments::order(&self.store, meta_at(self.now_ms()), &self.id, command, order).await.unwrap();
    }

    /// The rollback comes to be blocked, as the runner would have it.
    async fn block(&self) {
        let (id, now_ms) = (self.id.clone(), self.now_ms());
        write(&self.store, meta_at(now_ms), move |transaction| {
            let before = deployment_rows::load(transaction, &id)?.unwrap();
            let mut next = Deployment { revision: before.revision + 1, ..before.clone() };
            (next.status.phase, next.status.phase_since_ms) = (Phase::RollbackBlocked, now_ms);
            deployment_rows::write(transaction, &before, &next, now_ms)
        })
        .await
        .unwrap();
    }

    /// Delivers until nothing is due.
    async fn settle(&mut self) -> Option<u64> {
        loop {
            let next = self.desk.begin().await.unwrap();
            if !self.desk.next_end().await {
                return next;
            }
        }
    }

    /// Lets time pass, jumping from one delivery to the next.
    async fn pass(&mut self, ms: u64) {
        let end = self.now_ms() + ms;
        while let Some(next) = self.settle().await.filter(|next| *next <= end) {
            self.around.now_ms.store(next, Ordering::Relaxed);
        }
        self.around.now_ms.store(end, Ordering::Relaxed);
        self.settle().await;
    }

    /// What was in memory is lost; what was committed is there.
    fn restart(&mut self) {
        self.store.close();
        self.store = self.scratch.store();
        self.desk = desk(&self.store, &self.around, &self.receivers, &self.report);
    }

    fn sent(&self, receiver: &str) -> Vec<NoticeEvent> {
        let sent = self.around.sent.lock().unwrap();
        sent.iter().filter(|(to, ..)| to == receiver).map(|(.., event)| *event).collect()
    }

    fn keys(&self, receiver: &str) -> Vec<String> {
        let sent = self.around.sent.lock().unwrap();
        sent.iter().filter(|(to, ..)| to == receiver).map(|(_, key, _)| key.clone()).collect()
    }
}

fn desk(store: &Store, around: &Arc<Around>, receivers: &Receivers, report: &Report) -> Desk {
    let (clock, outside) = (Arc::clone(around), Arc::clone(around));
    Desk::new(Inputs {
        store: store.clone(),
        receivers: receivers.clone(),
        send: Arc::new(move |receiver, notice| {
            let sent = (receiver.to_owned(), notice.key.clone(), notice.event);
            outside.sent.lock().unwrap().push(sent);
            let answer = outside.answers.lock().unwrap().get(receiver).copied().unwrap_or(HookAnswer::Pass);
            Box::pin(async move { HookOutcome::new(answer, "as the test says") })
        }),
        now_ms: Arc::new(move || clock.now_ms.load(Ordering::Relaxed)),
        report: report.clone(),
    })
}

fn everybody(names: &[&str]) -> Receivers {
    Receivers(names.iter().map(|name| ((*name).to_owned(), Hears::default())).collect())
}

#[tokio::test]
async fn everything_is_told_once_in_order_and_nothing_is_left() {
    let mut game = Game::of(everybody(&["ops"])).await;
    game.order(Command::Pause).await;
    game.order(Command::Abort).await;
    game.settle().await;
    assert_eq!(game.sent("ops"), [Created, Paused, Ended]);
    game.restart();
    game.pass(3_600_000).await;
    assert_eq!(game.sent("ops").len(), 3);
    assert_eq!(game.report.untold_count(), 0);
    assert_eq!(game.report.told(), BTreeMap::from([(("ops".to_owned(), "delivered"), 3)]));
}

#[tokio::test]
async fn nothing_is_left_where_nobody_listens() {
    let game = Game::of(Receivers::default()).await;
    game.order(Command::Abort).await;
    let rows = read(&game.store, |reader| outbox::all(reader)).unwrap();
    assert_eq!(rows, (Vec::new(), 0));
}

/// A crash between the delivery and its note: told again under the same key.
#[tokio::test]
async fn what_was_under_way_in_a_crash_is_told_again_under_its_key() {
    let mut game = Game::of(everybody(&["ops"])).await;
    game.desk.begin().await.unwrap();
    assert_eq!(game.sent("ops"), [Created]);
    game.restart();
    game.order(Command::Pause).await;
    game.settle().await;
    assert_eq!(game.sent("ops"), [Created, Created, Paused]);
    let keys = game.keys("ops");
    assert!(keys[0] == keys[1] && keys[1] != keys[2], "{keys:?}");
}

#[tokio::test]
async fn a_receiver_that_is_away_is_tried_again_and_delays_nobody() {
    let mut game = Game::of(everybody(&["away", "ops"])).await;
    game.answer("away", HookAnswer::Error);
    game.order(Command::Pause).await;
    game.pass(60_000).await;
    assert_eq!(game.sent("ops"), [Created, Paused]);
    assert!(game.report.untold(&game.id).unwrap().contains("away was not told of"), "{:?}", game.report);
    // The count of tries is stored: a restart does not begin anew.
    game.restart();
    game.answer("away", HookAnswer::Pass);
    game.pass(80_000).await;
    let tried = game.sent("away");
    assert_eq!(
        tried.iter().filter(|event| **event == Created).count(),
        4,
        "after 0, 10, 30 s, and at 70 s it is back: {tried:?}"
    );
    assert_eq!((game.report.untold(&game.id), game.report.untold_count()), (None, 0));
}

#[tokio::test]
async fn nobody_is_tried_for_ever() {
    let mut game = Game::of(everybody(&["away", "deaf"])).await;
    game.answer("away", HookAnswer::Error);
    game.answer("deaf", HookAnswer::Fail);
    game.pass(24 * 3_600_000).await;
    assert_eq!(game.sent("away").len(), usize::try_from(TRIES_MAX).unwrap());
    assert_eq!(game.sent("deaf").len(), 1, "a no is a no");
    assert_eq!(game.report.untold_count(), 0);
    assert!(game.report.untold(&game.id).unwrap().contains("away was not told of created: as the test says"));
    let lost = |receiver: &str| game.report.told().get(&(receiver.to_owned(), "lost")).copied();
    assert_eq!((lost("away"), lost("deaf")), (Some(1), Some(1)));
}

#[tokio::test]
async fn a_blocked_rollback_is_told_every_quarter_of_an_hour_until_somebody_acts() {
    let mut game = Game::of(everybody(&["ops"])).await;
    game.block().await;
    game.pass(REMIND_MS * 2).await;
    game.restart();
    game.pass(REMIND_MS).await;
    assert_eq!(game.sent("ops"), [RollbackBlocked, Created, RollbackBlocked, RollbackBlocked, RollbackBlocked]);
    let keys: std::collections::BTreeSet<_> = game.keys("ops").into_iter().collect();
    assert_eq!(keys.len(), 5, "each is news: {keys:?}");
    game.order(Command::Detach).await;
    game.pass(REMIND_MS * 4).await;
    assert_eq!(game.sent("ops").last(), Some(&Ended));
    assert_eq!(game.sent("ops").len(), 6);
}

#[tokio::test]
async fn settings_that_cannot_be_read_bar_no_release() {
    let mut game = Game::of(everybody(&["ops"])).await;
    let damage = |transaction: &mut store::Transaction<'_>| {
        transaction.put(keys::NOTICE_RECEIVERS, b"?");
        Ok::<_, StorageError>(())
    };
    write(&game.store, meta_at(START_MS), damage).await.unwrap();
    game.order(Command::Pause).await;
    game.restart();
    game.settle().await;
    game.order(Command::Abort).await;
    game.settle().await;
    assert_eq!(game.sent("ops"), [Created, Ended]);
}

#[tokio::test]
async fn a_black_hole_fills_no_disk_and_keeps_no_urgent_news_back() {
    let mut game = Game::of(everybody(&["away"])).await;
    game.answer("away", HookAnswer::Error);
    // Somebody's script pauses and resumes for a day.
    for _ in 0..24 {
        game.order(Command::Pause).await;
        game.order(Command::Resume).await;
        game.pass(3_600_000).await;
        let (rows, _) = read(&game.store, |reader| outbox::all(reader)).unwrap();
        assert!(rows.len() <= 6, "of two hours and no more: {}", rows.len());
    }
    let tried = game.sent("away").len();
    assert!(tried < 24 * 5, "it rests: {tried}");
    game.block().await;
    game.settle().await;
    assert_eq!(game.sent("away").last(), Some(&RollbackBlocked), "at once, and before what is older");
    game.answer("away", HookAnswer::Pass);
    game.pass(REMIND_MS).await;
    let told = game.sent("away");
    let (blocked, old) = (told.iter().rposition(|e| *e == RollbackBlocked), told.iter().rposition(|e| *e == Paused));
    assert!(blocked < old, "it comes first when the receiver is back: {told:?}");
    assert!(game.report.told().contains_key(&("away".to_owned(), "lost")));
}

#[tokio::test]
async fn a_note_that_cannot_be_made_tells_nobody_twice() {
    let mut game = Game::of(everybody(&["ops"])).await;
    game.desk.begin().await.unwrap();
    // As a full disk does, nothing can be written any more.
    game.store.close();
    let ended = game.desk.sending.join_next_with_id().await.unwrap();
    game.desk.take_end(ended);
    for _ in 0..10 {
        assert!(game.desk.note_ends().await.is_err());
        assert!(game.desk.begin().await.is_err());
    }
    game.store = game.scratch.store();
    game.desk.inputs.store = game.store.clone();
    game.settle().await;
    assert_eq!((game.sent("ops"), game.report.untold_count()), (vec![Created], 0));
}

#[tokio::test]
async fn a_deployment_that_cannot_be_read_silences_no_other_and_not_itself() {
    let mut game = Game::of(everybody(&["ops"])).await;
    game.block().await;
    game.settle().await;
    let id = game.id.clone();
    let damage = move |transaction: &mut store::Transaction<'_>| {
        transaction.put(&keys::deployment(&id), b"?");
        Ok::<_, StorageError>(())
    };
    write(&game.store, meta_at(game.now_ms()), damage).await.unwrap();
    game.pass(REMIND_MS * 2).await;
    assert_eq!(game.sent("ops"), [RollbackBlocked, Created, RollbackBlocked, RollbackBlocked]);
}

#[tokio::test]
async fn what_waited_while_this_server_was_down_is_tried_before_it_is_given_up() {
    let mut game = Game::of(everybody(&["ops"])).await;
    game.order(Command::Pause).await;
    // Nothing was sent yet. Three hours later the server is there again, before the network is.
    game.around.now_ms.store(START_MS + 10_800_000, Ordering::Relaxed);
    game.restart();
    game.answer("ops", HookAnswer::Error);
    game.settle().await;
    game.answer("ops", HookAnswer::Pass);
    game.pass(60_000).await;
    assert_eq!(game.sent("ops"), [Created, Created, Paused]);
}
