use super::*;
use std::sync::mpsc::channel;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(10);

#[test]
fn a_worker_that_panics_answers_and_works_on() {
    let (answers, hear) = channel();
    let desk = Desk::new(answers);
    let lane = Lane::new("test", 1);
    for number in 1..4 {
        let question = desk.ask(number, false);
        lane.put(move || {
            if number != 2 {
                let _held = question;
                panic!("a fault of the program");
            }
            question.answer(Answer::Saved);
        });
    }
    for number in 1..4 {
        let (came, answer) = hear.recv_timeout(SOON).unwrap();
        assert_eq!(came, number);
        match answer {
            Answer::Failed { message } => assert!(number != 2 && message.contains("fault of its own"), "{message}"),
            Answer::Saved => assert_eq!(number, 2),
            other => panic!("{other:?}"),
        }
    }
    assert!(hear.try_recv().is_err());
}

#[test]
fn whoever_comes_first_answers() {
    let (answers, hear) = channel();
    let desk = Desk::new(answers);
    desk.ask(1, false).answer(Answer::Saved);
    desk.stop(1);
    let late = desk.ask(2, false);
    desk.stop(2);
    assert!(late.is_stopped());
    late.answer(Answer::Saved);
    let mut claimed = desk.ask(3, false);
    assert!(claimed.claim() && claimed.claim());
    desk.stop(3);
    claimed.answer(Answer::Saved);
    let orderly = desk.ask(4, true);
    desk.stop(4);
    assert!(orderly.is_stopped(), "it is asked to end, and says itself what was done");
    orderly.answer(Answer::Saved);
    let mut claimed = desk.ask(5, false);
    claimed.claim();
    drop(claimed);
    let said: Vec<(u64, bool)> =
        hear.try_iter().map(|(number, answer)| (number, matches!(answer, Answer::Saved))).collect();
    assert_eq!(said, [(1, true), (2, false), (3, true), (4, true), (5, false)]);
}

#[test]
fn how_far_it_is_is_said_four_times_a_second_and_never_after_the_answer() {
    let (answers, hear) = channel();
    let desk = Desk::new(answers);
    let mut question = desk.ask(1, false);
    let begun = crate::clock::monotonic();
    while crate::clock::monotonic().saturating_sub(begun) < Duration::from_millis(600) {
        question.progress(Progress::default);
    }
    assert_eq!(hear.try_iter().count(), 3, "at 0, 250 and 500 ms");
    desk.stop(1);
    question.progress(Progress::default);
    assert!(matches!(hear.try_recv(), Ok((1, Answer::Cancelled))));
    assert!(hear.try_recv().is_err());
}

#[test]
fn work_of_one_lane_does_not_wait_for_another() {
    let (slow, quick) = (Lane::new("slow", 1), Lane::new("quick", 1));
    let (go, wait) = channel::<()>();
    let (say, hear) = channel();
    let of_slow = say.clone();
    slow.put(move || {
        let _ = wait.recv_timeout(SOON);
        let _ = of_slow.send("slow");
    });
    quick.put(move || {
        let _ = say.send("quick");
    });
    assert_eq!(hear.recv_timeout(SOON), Ok("quick"));
    go.send(()).unwrap();
    assert_eq!(hear.recv_timeout(SOON), Ok("slow"));
}
