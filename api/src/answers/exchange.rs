//! What an exchange is told and what comes of it.

use utoipa::{IntoParams, ToSchema};

/// What the host platform brings: in the query, or in a form or JSON body.
#[derive(IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[schema(as = Exchange)]
#[expect(dead_code, reason = "`routes::exchange` reads the names by hand, from the query and from the body")]
pub(crate) struct Brought {
    /// The host platform's id of the app, up to 200 bytes. An unknown app is registered.
    #[serde(rename = "appId")]
    #[param(required = false, min_length = 1, max_length = 200)]
    #[schema(min_length = 1, max_length = 200)]
    app_id: String,
    /// The host platform's id of the app's owner, up to 200 bytes.
    #[param(required = false, min_length = 1, max_length = 200)]
    #[schema(min_length = 1, max_length = 200)]
    user: String,
    /// The kind of widget, in the host platform's words.
    app_type: Option<String>,
    /// The short-lived token that Meta's login button gave; either this or `code`.
    #[param(format = Password)]
    #[schema(format = Password)]
    token: Option<String>,
    /// The code that Meta's dialog gave for our redirect address; either this or `token`.
    #[param(format = Password)]
    #[schema(format = Password)]
    code: Option<String>,
    /// Meta's id of the Page that is to be connected, where several can be.
    #[param(pattern = "^[0-9]{1,32}$")]
    #[schema(pattern = "^[0-9]{1,32}$")]
    page_id: Option<String>,
}

/// What came of an exchange: the connection.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the work writes it into the run's row")]
pub(crate) struct ExchangeResult {
    /// The connection.
    install_id: String,
    /// The account's name, without `@`.
    instagram_account: String,
    /// Meta's id of the account.
    instagram_business_account_id: String,
    /// The Page through which it is read.
    page: super::Page,
    /// What was granted.
    scopes: Vec<String>,
    /// When it ends unless it is renewed; null: not known.
    #[schema(required, format = DateTime)]
    ends_at: Option<String>,
}

/// The account on X that was connected.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the work writes it into the run's row")]
pub(crate) struct XExchangeResult {
    /// Its id.
    x_account_id: String,
    /// X's id of it.
    x_user_id: String,
    /// Its name, without `@`.
    username: String,
    /// What it calls itself.
    name: String,
    /// What was granted.
    scopes: Vec<String>,
}

/// What came of a feed's first fetch.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the work writes it into the run's row")]
pub(crate) struct FetchResult {
    /// The feed's key.
    feed: String,
    /// How many items it has.
    items: u32,
    /// When it was fetched.
    #[schema(format = DateTime)]
    fetched_at: String,
}

/// One Page that was shared.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the work writes it into the run's row")]
pub(crate) struct OfferedPage {
    /// Meta's id of the Page.
    id: String,
    /// Its name.
    name: String,
    /// The name of the account that it carries, if it carries one.
    #[schema(required)]
    account: Option<String>,
    /// The account's picture, under an address that ends.
    #[schema(required, format = "uri")]
    picture: Option<String>,
    /// Whether it can be chosen.
    usable: bool,
}
