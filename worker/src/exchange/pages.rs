//! Which of a person's Pages is taken: pure.

use secrecy::SecretString;

use super::link::Reconnect;
use super::refusal::{PageOption, Refusal};
use crate::graph;

/// The Page that was taken, with the account that it carries.
#[derive(Clone, Debug)]
pub(crate) struct ChosenPage {
    /// The Page.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its token: what the feeds run on.
    pub token: SecretString,
    /// The Instagram professional account that it carries.
    pub account_id: String,
}

/// Takes the wanted Page, or the only one that can be used; several are the person's choice.
pub(crate) fn choose(pages: Vec<graph::Page>, wanted: Option<&str>) -> Result<ChosenPage, Refusal> {
    if pages.is_empty() {
        return Err(Refusal::NoPages);
    }
    let options: Vec<PageOption> = pages.iter().map(PageOption::from).collect();
    let mut usable: Vec<ChosenPage> = pages.into_iter().filter_map(usable).collect();
    if let Some(index) = wanted.and_then(|wanted| usable.iter().position(|page| page.id == wanted)) {
        return Ok(usable.swap_remove(index));
    }
    match (usable.len(), wanted) {
        (0, _) => Err(Refusal::PageWithoutInstagram(options)),
        (1, None) => Ok(usable.swap_remove(0)),
        _ => Err(Refusal::ChoosePage(options)),
    }
}

/// Takes the Page that carries the one account that will do, whatever others there are.
pub(crate) fn choose_account(pages: Vec<graph::Page>, wanted: &Reconnect) -> Result<ChosenPage, Refusal> {
    if pages.is_empty() {
        return Err(Refusal::NoPages);
    }
    let options: Vec<PageOption> = pages.iter().map(PageOption::from).collect();
    let usable: Vec<ChosenPage> = pages.into_iter().filter_map(usable).collect();
    if usable.is_empty() {
        return Err(Refusal::PageWithoutInstagram(options));
    }
    let found = |page: PageOption| page.account.map_or(page.name, |account| format!("@{account}"));
    usable.into_iter().find(|page| page.account_id == wanted.business_account_id).ok_or_else(|| Refusal::WrongAccount {
        wanted: wanted.account.clone(),
        found: options.into_iter().filter(|page| page.usable).map(found).collect(),
    })
}

fn usable(page: graph::Page) -> Option<ChosenPage> {
    Some(ChosenPage { token: page.access_token?, account_id: page.instagram?.id, id: page.id, name: page.name })
}

#[cfg(test)]
mod tests {
    use super::{choose, choose_account};
    use crate::exchange::{Reconnect, Refusal};
    use crate::graph::{IgRef, Page};

    fn page(id: &str, account: Option<&str>) -> Page {
        Page {
            id: id.to_owned(),
            name: format!("Page {id}"),
            access_token: Some("EAApage".to_owned().into()),
            tasks: Vec::new(),
            instagram: account.map(|id| IgRef {
                id: id.to_owned(),
                username: Some(format!("name_{id}")),
                name: None,
                profile_picture_url: None,
            }),
        }
    }

    #[test]
    fn the_only_usable_page_is_taken() {
        let chosen = choose(vec![page("1", None), page("2", Some("17"))], None).expect("one");
        assert_eq!((chosen.id.as_str(), chosen.account_id.as_str()), ("2", "17"));
    }

    #[test]
    fn several_usable_pages_are_a_choice_that_lists_all() {
        let both = vec![page("1", Some("17")), page("2", Some("18")), page("3", None)];
        let Err(Refusal::ChoosePage(options)) = choose(both.clone(), None) else { panic!("a choice") };
        let usable: Vec<_> = options.iter().map(|page| (page.id.as_str(), page.usable)).collect();
        assert_eq!(usable, [("1", true), ("2", true), ("3", false)]);
        assert_eq!(choose(both, Some("2")).expect("the wanted one").id, "2");
    }

    #[test]
    fn a_wanted_page_that_is_not_there_is_never_replaced_by_another() {
        assert!(matches!(choose(vec![page("1", Some("17"))], Some("9")), Err(Refusal::ChoosePage(_))));
    }

    #[test]
    fn a_link_takes_its_account_among_many_and_no_other() {
        let wanted = Reconnect {
            link: "h".into(),
            install_id: "i".into(),
            business_account_id: "18".into(),
            account: "name_18".into(),
        };
        let pages = vec![page("1", Some("17")), page("2", Some("18")), page("3", None)];
        assert_eq!(choose_account(pages, &wanted).expect("its own").id, "2");

        let others = vec![page("1", Some("17")), page("3", None)];
        let Err(Refusal::WrongAccount { wanted: name, found }) = choose_account(others, &wanted) else {
            panic!("another account")
        };
        assert_eq!((name.as_str(), found), ("name_18", vec!["@name_17".to_owned()]));
        assert!(matches!(choose_account(Vec::new(), &wanted), Err(Refusal::NoPages)));
        let bare = vec![page("3", None)];
        assert!(matches!(choose_account(bare, &wanted), Err(Refusal::PageWithoutInstagram(_))));
    }

    #[test]
    fn no_page_and_no_account_are_told_apart() {
        assert!(matches!(choose(Vec::new(), None), Err(Refusal::NoPages)));
        assert!(matches!(choose(vec![page("1", None)], None), Err(Refusal::PageWithoutInstagram(_))));
        let tokenless = Page { access_token: None, ..page("1", Some("17")) };
        assert!(matches!(choose(vec![tokenless], None), Err(Refusal::PageWithoutInstagram(_))));
    }
}
