//! Opening an install's Page token, written once for all who read Meta with it.

use entities::install;
use entities::seal::SealError;
use queue::JobError;
use secrecy::SecretString;

use crate::Context;
use crate::failure::KEY_IS_BACK;

/// Returns an install's Page token. `None`: it has none, or what lies there does not open and never will (it was copied
/// from another row or changed); then only connecting the account again helps. A key that is missing is the operator's
/// to bring back, and is waited for.
pub(crate) fn open(ctx: &Context, install: &install::Model) -> Result<Option<SecretString>, JobError> {
    let Some(sealed) = &install.page_token else { return Ok(None) };
    match ctx.keyring.open(install::PAGE_TOKEN.place(&install.id), sealed) {
        Ok(token) => Ok(Some(token)),
        Err(error @ SealError::UnknownKey(_)) => {
            let what = format!("the Page token of install {}", install.id);
            Err(JobError::retry_after(KEY_IS_BACK, anyhow::Error::new(error).context(what)))
        }
        Err(error) => {
            tracing::error!(install_id = install.id, %error, "the Page token does not open: connecting anew mends it");
            Ok(None)
        }
    }
}
