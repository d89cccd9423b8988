//! Turns a node and the fields asked of it into JSON.

use serde_json::{Map, Value};

use super::fields::{self, Field};
use super::nodes::{self, Edge, Got, Node, Paging};
use super::paging::{self, Range};
use super::{Error, Request, auth, params};
use crate::patch::Patch;
use crate::scopes::Scopes;
use crate::state::Shared;
use crate::token::Token;

/// What a link to another page says in its own way, or not at all.
const NOT_KEPT: [&str; 15] = [
    "access_token",
    "appsecret_proof",
    "appsecret_time",
    "pretty",
    "fields",
    "limit",
    "after",
    "before",
    "since",
    "until",
    "offset",
    "ids",
    "id",
    "method",
    "batch",
];

/// Everything that a read looks at.
pub(crate) struct View<'a> {
    /// The sandbox.
    pub(crate) shared: &'a Shared,
    /// The call.
    pub(crate) request: &'a Request,
    /// The version that answers.
    pub(crate) version: &'a str,
    /// Whose token it is.
    pub(crate) token: &'a Token,
    /// What tests changed about that person.
    pub(crate) patch: Patch,
}

impl<'a> View<'a> {
    /// Returns the view of one call.
    pub(crate) fn new(shared: &'a Shared, request: &'a Request, version: &'a str, token: &'a Token) -> Self {
        Self { patch: shared.patch(token.person), shared, request, version, token }
    }

    /// Returns the permissions of the call.
    pub(crate) fn scopes(&self) -> Scopes {
        auth::scopes(&self.patch, self.token)
    }

    /// Says why Instagram data may not be read, if so.
    pub(crate) fn check_instagram(&self) -> Result<(), Error> {
        if !self.scopes().has("instagram_basic") {
            return Err(Error::permission("instagram_basic"));
        }
        if auth::data_access_end_s(&self.patch, self.token) <= self.shared.clock.now_s() {
            return Err(Error::data_access_ended());
        }
        Ok(())
    }

    /// Says why public content of others may not be searched, if so.
    pub(crate) fn check_public_content(&self) -> Result<(), Error> {
        self.check_instagram()?;
        if !self.patch.has_public_content(self.token.person) {
            return Err(Error::feature("Instagram Public Content Access"));
        }
        Ok(())
    }

    /// Reads `fields`, or takes these names where it is absent.
    pub(crate) fn fields_or(&self, default: &str) -> Result<Vec<Field>, Error> {
        fields::parse(self.request.params.list("fields").as_deref().unwrap_or(default))
    }
}

/// Reads a node; its id is always there.
pub(crate) fn node(view: &View<'_>, node: &Node, fields: &[Field]) -> Result<Value, Error> {
    let mut body = Map::new();
    body.insert("id".to_owned(), node.id().into());
    for field in fields {
        let got = match (node, field.name.as_str()) {
            (Node::Account(_), "business_discovery") => nodes::discover(view, field.argument("username"))?,
            (_, name) => node.get(view, name)?,
        };
        match got {
            Got::Absent => {}
            Got::Value(value) => {
                if field.inner.is_some() && !value.is_object() {
                    return Err(Error::syntax(format!("Subfields are not supported by {}", field.name)));
                }
                body.insert(field.name.clone(), value);
            }
            Got::Node(inner) => {
                let value = match &field.inner {
                    Some(fields) => self::node(view, &inner, fields)?,
                    None => self::node(view, &inner, &fields::parse("id")?)?,
                };
                body.insert(field.name.clone(), value);
            }
            Got::Edge(edge) => {
                let range = Range::of(|name| field.argument(name))?;
                let mut value = list(view, node, &edge, &range, (&field.inner_text, &field.inner), &[])?;
                if field.argument("summary").is_some_and(params::is_on) {
                    value["summary"] = edge.summary();
                }
                body.insert(field.name.clone(), value);
            }
        }
    }
    Ok(body.into())
}

/// Reads an edge of a node that the path names; none if there is no such edge.
pub(crate) fn edge(view: &View<'_>, node: &Node, name: &str) -> Result<Option<Value>, Error> {
    let edge = match node.look(view, name)? {
        Some(Got::Edge(edge)) => edge,
        Some(Got::Value(value)) if value.get("data").is_some() => return Ok(Some(value)),
        _ => return Ok(None),
    };
    let params = &view.request.params;
    let range = Range::of(|name| params.get(name))?;
    let text = params.list("fields").unwrap_or_default();
    let fields = match text.as_str() {
        "" => None,
        text => Some(fields::parse(text)?),
    };
    // The links keep what else was asked, so that the next page is answered alike.
    let kept: Vec<_> = params.without(&NOT_KEPT).cloned().collect();
    let mut body = list(view, node, &edge, &range, (&text, &fields), &kept)?;
    if params.is_on("summary") || params.is_on("default_summary") {
        body["summary"] = edge.summary();
    }
    Ok(Some(body))
}

fn list(
    view: &View<'_>,
    parent: &Node,
    edge: &Edge,
    range: &Range,
    (text, fields): (&str, &Option<Vec<Field>>),
    kept: &[(String, String)],
) -> Result<Value, Error> {
    let default = fields::parse(edge.default_fields)?;
    let fields = fields.as_ref().unwrap_or(&default);
    let page = paging::cut(&edge.items, range)?;
    let mut data = Vec::new();
    for item in page.items.iter().filter(|item| !item.hidden) {
        data.push(node(view, &item.node, fields)?);
    }
    let mut body = Map::new();
    body.insert("data".to_owned(), data.into());
    if edge.paging != Paging::None && !page.items.is_empty() {
        let path = format!("{}/{}", parent.id(), edge.name);
        body.insert("paging".to_owned(), paging::links(view, &path, (text, kept), range, &page, edge.paging));
    }
    Ok(body.into())
}
