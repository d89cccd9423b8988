//! The judge: what X has seen, held against what the kills explain.
//!
//! A kill explains a post that came twice if its row said that X was being asked to post it, and a family of tokens that was
//! lost if X had given the next pair and no row had it. Nothing explains a media that X never saw.

use std::collections::BTreeSet;
use std::fmt::{Display, Formatter};
use std::ops::AddAssign;

use serde_json::Value;

/// What a kill has cut off between the commit before a question to X and the one behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// A turn at renewing an access, and whether X had given the next pair by then.
    Renewal { user: String, turn: i32, is_given: bool },
    /// An attempt at posting a text.
    Post { user: String, text: String, attempt: i32 },
}

/// All that is to be known.
#[derive(Debug, Default)]
pub(super) struct Trial {
    pub cuts: Vec<Cut>,
    /// What is seen on X, and what became of each consent there.
    pub posts: Vec<Value>,
    pub families: Vec<Value>,
    /// Who had to post what, once.
    pub wanted: Vec<(String, String)>,
}

/// What came of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Turns at renewing that were cut off, and those of them in which X had given a pair.
    pub renewals: usize,
    pub given: usize,
    /// Attempts at posting that were cut off.
    pub attempts: usize,
    /// Posts.
    pub posts: usize,
    /// Families that were lost, each by a kill that explains it.
    pub lost: usize,
    /// Posts beyond the first of a media, each with a kill that explains it.
    pub second: usize,
    /// What no kill explains.
    pub unexplained: Vec<String>,
    /// Media that X never saw.
    pub forgotten: Vec<String>,
}

impl Trial {
    pub(super) fn judge(&self) -> Verdict {
        let mut verdict = Verdict { posts: self.posts.len(), ..Verdict::default() };
        let mut losable = BTreeSet::new();
        for cut in &self.cuts {
            match cut {
                Cut::Post { .. } => verdict.attempts += 1,
                Cut::Renewal { user, is_given, .. } => {
                    verdict.renewals += 1;
                    verdict.given += usize::from(*is_given);
                    losable.extend(is_given.then_some(user.as_str()));
                }
            }
        }
        for family in self.families.iter().filter(|family| family["state"] == "lost") {
            // Of one account once: it has another family when it was connected again.
            if family["user"].as_str().is_some_and(|user| losable.remove(user)) {
                verdict.lost += 1;
            } else {
                verdict.unexplained.push(format!("lost outside of the window: {family}"));
            }
        }
        for (user, text) in &self.wanted {
            let is_own = |post: &&Value| post["user"] == **user && post["text"] == **text;
            let times = self.posts.iter().filter(is_own).count();
            let is_cut =
                |cut: &&Cut| matches!(cut, Cut::Post { user: who, text: what, .. } if who == user && what == text);
            let cuts = self.cuts.iter().filter(is_cut).count();
            let second = times.saturating_sub(1);
            verdict.second += second.min(cuts);
            match times {
                0 => verdict.forgotten.push(format!("{user}: {text}")),
                _ if second > cuts => {
                    verdict.unexplained.push(format!("{user}: {text} is there {times} times, cut {cuts} times"));
                }
                _ => {}
            }
        }
        let is_wanted =
            |post: &&Value| self.wanted.iter().any(|(user, text)| post["user"] == **user && post["text"] == **text);
        let others = self.posts.iter().filter(|post| !is_wanted(post));
        verdict.unexplained.extend(others.map(|post| format!("nobody wanted {post}")));
        verdict
    }
}

impl AddAssign for Verdict {
    fn add_assign(&mut self, other: Self) {
        self.renewals += other.renewals;
        self.given += other.given;
        self.attempts += other.attempts;
        self.posts += other.posts;
        self.lost += other.lost;
        self.second += other.second;
        self.unexplained.extend(other.unexplained);
        self.forgotten.extend(other.forgotten);
    }
}

impl Display for Verdict {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let Self { renewals, given, attempts, posts, lost, second, unexplained, forgotten } = self;
        write!(
            f,
            "of {renewals} turns at renewing that were cut off X had answered {given}, {lost} families were lost; of \
             {attempts} attempts at posting that were cut off {second} came twice; {posts} posts; {} unexplained, {} \
             forgotten",
            unexplained.len(),
            forgotten.len()
        )?;
        unexplained.iter().chain(forgotten).try_for_each(|what| write!(f, "\n      {what}"))
    }
}

#[test]
fn the_judge_finds_what_no_kill_explains() {
    use serde_json::json;

    let post = |user: &str, text: &str| json!({"user": user, "text": text});
    let family = |user: &str, state: &str| json!({"user": user, "state": state});
    let cut = |user: &str| Cut::Post { user: user.into(), text: "one".into(), attempt: 1 };
    let renewal = |user: &str, is_given| Cut::Renewal { user: user.into(), turn: 1, is_given };
    let wanted = || ["ann", "bob"].map(|user| (user.to_owned(), "one".to_owned())).to_vec();
    let once = || vec![post("ann", "one"), post("bob", "one")];
    let again = |more: &[Value]| once().into_iter().chain(more.iter().cloned()).collect::<Vec<_>>();

    for (what, cuts, posts, families, (lost, second, unexplained, forgotten)) in [
        ("all is well", vec![cut("ann"), renewal("bob", true)], once(), vec![], (0, 0, 0, 0)),
        ("a post came twice, and was cut off", vec![cut("ann")], again(&once()[..1]), vec![], (0, 1, 0, 0)),
        ("a post came twice for nothing", vec![], again(&once()[..1]), vec![], (0, 0, 1, 0)),
        ("… and another's was cut off", vec![cut("bob")], again(&once()[..1]), vec![], (0, 0, 1, 0)),
        (
            "… three times, for one cut",
            vec![cut("ann")],
            again(&[post("ann", "one"), post("ann", "one")]),
            vec![],
            (0, 1, 1, 0),
        ),
        ("a media was forgotten", vec![cut("bob")], once()[..1].to_vec(), vec![], (0, 0, 0, 1)),
        ("all were", vec![], vec![], vec![], (0, 0, 0, 2)),
        ("history was posted", vec![], again(&[post("ann", "old")]), vec![], (0, 0, 1, 0)),
        (
            "a family was lost with its answer",
            vec![renewal("ann", true)],
            once(),
            vec![family("ann", "lost"), family("ann", "alive")],
            (1, 0, 0, 0),
        ),
        ("… that X had not given", vec![renewal("ann", false)], once(), vec![family("ann", "lost")], (0, 0, 1, 0)),
        ("… of another", vec![renewal("ann", true)], once(), vec![family("bob", "lost")], (0, 0, 1, 0)),
        ("… for nothing", vec![], once(), vec![family("ann", "lost")], (0, 0, 1, 0)),
        (
            "… twice, for one cut",
            vec![renewal("ann", true)],
            once(),
            vec![family("ann", "lost"), family("ann", "lost")],
            (1, 0, 1, 0),
        ),
        ("a family was given back", vec![], once(), vec![family("ann", "revoked")], (0, 0, 0, 0)),
    ] {
        let verdict = Trial { cuts, posts, families, wanted: wanted() }.judge();
        let found = (verdict.lost, verdict.second, verdict.unexplained.len(), verdict.forgotten.len());
        assert_eq!(found, (lost, second, unexplained, forgotten), "{what}: {verdict}");
    }
}
