//! What is said about hashtags that cannot be had, to each person in a language of their own:
//! whoever tells such errors apart must look at the numbers.

use super::Error;
use crate::people::Person;

/// The account has asked for as many hashtags as it may in a week.
pub(super) fn allowance_spent(person: &Person) -> Error {
    let (title, sentence) = match Language::of(person) {
        Language::English => {
            ("Hashtag limit reached", "This account has searched for 30 different hashtags in the last 7 days.")
        }
        Language::German => (
            "Hashtag-Limit erreicht",
            "Mit diesem Konto wurde in den letzten 7 Tagen nach 30 verschiedenen Hashtags gesucht.",
        ),
        Language::Spanish => {
            ("Límite de hashtags alcanzado", "Esta cuenta ya buscó 30 hashtags diferentes en los últimos 7 días.")
        }
    };
    let message = "This API call could not be completed due to resource limits";
    Error::new(18, Some(2_207_034), message).told(title, sentence.to_owned())
}

/// The hashtag is unknown, hidden or banned.
pub(super) fn unknown(person: &Person, name: &str) -> Error {
    let (title, sentence) = match Language::of(person) {
        Language::English => ("No such hashtag", format!("The hashtag {name} is not valid or cannot be shown.")),
        Language::German => {
            ("Hashtag nicht gefunden", format!("Der Hashtag {name} ist ungültig oder kann nicht angezeigt werden."))
        }
        Language::Spanish => {
            ("Hashtag no encontrado", format!("El hashtag {name} no es válido o no se puede mostrar."))
        }
    };
    Error::new(24, Some(2_207_024), "The requested resource does not exist").told(title, sentence)
}

#[derive(Clone, Copy, Debug)]
enum Language {
    English,
    German,
    Spanish,
}

impl Language {
    /// Whichever: only that they differ matters.
    fn of(person: &Person) -> Self {
        match person.id % 3 {
            0 => Self::German,
            1 => Self::Spanish,
            _ => Self::English,
        }
    }
}
