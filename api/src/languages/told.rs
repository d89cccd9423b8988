//! Why something did not work, as a page tells it, and what else pages tell alike.

/// Who is asked for access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    /// Facebook, for an account on Instagram.
    Facebook,
    /// X.
    X,
}

impl Service {
    /// Returns its name, the same in every language.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Facebook => "Facebook",
            Self::X => "X",
        }
    }
}

/// A heading, what happened, and the one fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// The heading.
    pub title: String,
    /// What happened.
    pub message: String,
    /// The one fix.
    pub advice: String,
}

/// Begins with a heading; what happened and the one fix follow.
pub(super) fn told(title: impl Into<String>) -> Told {
    Told { title: title.into(), message: String::new(), advice: String::new() }
}

impl Told {
    /// Says what happened.
    pub(super) fn since(self, message: impl Into<String>) -> Self {
        Self { message: message.into(), ..self }
    }

    /// Says the one fix.
    pub(super) fn so(self, advice: impl Into<String>) -> Self {
        Self { advice: advice.into(), ..self }
    }
}

/// What is asked for, as Meta names it.
const SCOPES: [&str; 3] = ["instagram_basic", "pages_show_list", "pages_read_engagement"];

/// Lists permissions by what they are good for; one that nobody has described is named as Meta does.
pub(super) fn list(scopes: &[String], described: &[&str; 3]) -> String {
    let names = scopes.iter().map(|scope| {
        let known = SCOPES.iter().zip(described).find(|(known, _)| *known == scope);
        known.map_or(scope.as_str(), |(_, described)| described)
    });
    names.collect::<Vec<_>>().join("; ")
}

/// How something is mended, step by step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct How {
    /// The question.
    pub title: &'static str,
    /// The steps.
    pub steps: [&'static str; 3],
}
