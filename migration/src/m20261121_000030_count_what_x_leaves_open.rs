//! Keeps in `x_accounts` how often in a row X has not explained why it gives no tokens, and in `crosspost_deliveries` how often
//! it forbade a media, or left it: only these end what they are counted of. Finds the deliveries of posts, and a
//! cross-post's newest, without reading its whole ledger.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for mut column in [
            ColumnDef::new(XAccounts::Unexplained).integer().not_null().default(0).to_owned(),
            ColumnDef::new(XAccounts::UnexplainedSince).timestamp_with_time_zone().null().to_owned(),
        ] {
            let alter = Table::alter().table(XAccounts::Table).add_column(&mut column).to_owned();
            manager.alter_table(alter).await?;
        }
        for column in [CrosspostDeliveries::Forbidden, CrosspostDeliveries::Missed] {
            let mut column = ColumnDef::new(column).integer().not_null().default(0).to_owned();
            let alter = Table::alter().table(CrosspostDeliveries::Table).add_column(&mut column).to_owned();
            manager.alter_table(alter).await?;
        }
        for (name, columns) in [
            ("crosspost_deliveries_x_post_id", vec![CrosspostDeliveries::XPostId]),
            ("crosspost_deliveries_media_at", vec![CrosspostDeliveries::CrosspostId, CrosspostDeliveries::MediaAt]),
        ] {
            let mut index = Index::create().name(name).table(CrosspostDeliveries::Table).to_owned();
            for column in columns {
                index.col(column);
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["crosspost_deliveries_media_at", "crosspost_deliveries_x_post_id"] {
            manager.drop_index(Index::drop().name(name).table(CrosspostDeliveries::Table).to_owned()).await?;
        }
        for column in [CrosspostDeliveries::Missed, CrosspostDeliveries::Forbidden] {
            let alter = Table::alter().table(CrosspostDeliveries::Table).drop_column(column).to_owned();
            manager.alter_table(alter).await?;
        }
        for column in [XAccounts::UnexplainedSince, XAccounts::Unexplained] {
            manager.alter_table(Table::alter().table(XAccounts::Table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

#[derive(DeriveIden)]
enum XAccounts {
    Table,
    Unexplained,
    UnexplainedSince,
}

#[derive(DeriveIden)]
enum CrosspostDeliveries {
    Table,
    CrosspostId,
    MediaAt,
    XPostId,
    Forbidden,
    Missed,
}
