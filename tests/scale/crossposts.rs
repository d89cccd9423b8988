//! `crosspost-kills` and `week-without-instagram`: jobs that die on the way to X, and a week in small steps.

use crate::crossposts::kills::{Killed, posting, renewing};
use crate::crossposts::{assert_each_once, week};
use crate::harness::World;
use crate::wishes::Wishes;

/// How many cross-posts a round has.
const ROUND: usize = 30;

/// So many jobs are killed, half of them while they post and half while they renew.
pub(crate) async fn kills(mut wishes: Wishes) {
    let runs = usize::try_from(wishes.take("runs", 500)).expect("a count");
    wishes.end();
    let mut sums = [Killed::default(), Killed::default()];
    while sums[0].kills + sums[1].kills < runs {
        let (world, pairings) = World::cross_posting(ROUND).await;
        let (mut captions, mut round) = (Vec::new(), Killed::default());
        for number in 0..3 {
            captions.push(format!("media {number}"));
            round += posting(&world, &pairings, &captions[number]).await;
        }
        let captions: Vec<_> = captions.iter().map(String::as_str).collect();
        assert_each_once(&world, &pairings, &captions).await;
        sums[0] += round;
        sums[1] += renewing(&world, &pairings).await;
        println!("posting {:?}, renewing {:?}", sums[0], sums[1]);
    }
    assert_eq!(sums[0].harm, 0, "no media is there twice");
    assert!(sums[1].harm <= sums[1].inside, "an access is lost only where X was being asked");
}

/// Instagram answers nothing for a week.
pub(crate) async fn week(mut wishes: Wishes) {
    let step = i64::try_from(wishes.take("step", 10)).expect("a count");
    wishes.end();
    let week = week::week_without_instagram(step).await;
    println!("{week:#?}");
    week.judge();
}
