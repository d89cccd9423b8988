//! Makes `instagram_installs`.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(InstagramInstalls::Table)
                    .col(ColumnDef::new(InstagramInstalls::Id).text().not_null().primary_key())
                    .col(ColumnDef::new(InstagramInstalls::InstagramAccount).text().not_null())
                    .col(ColumnDef::new(InstagramInstalls::InstagramBusinessAccountId).text().not_null().unique_key())
                    .col(ColumnDef::new(InstagramInstalls::PageId).text().not_null())
                    .col(ColumnDef::new(InstagramInstalls::PageName).text().not_null())
                    .col(ColumnDef::new(InstagramInstalls::FacebookUserId).text().null())
                    .col(ColumnDef::new(InstagramInstalls::UserToken).text().null())
                    .col(ColumnDef::new(InstagramInstalls::UserTokenExpiresAt).timestamp_with_time_zone().null())
                    .col(ColumnDef::new(InstagramInstalls::PageToken).text().null())
                    .col(ColumnDef::new(InstagramInstalls::TokenExpiresAt).timestamp_with_time_zone().null())
                    .col(ColumnDef::new(InstagramInstalls::DataAccessExpiresAt).timestamp_with_time_zone().null())
                    .col(ColumnDef::new(InstagramInstalls::Scopes).json().not_null())
                    .col(ColumnDef::new(InstagramInstalls::Profile).json().null())
                    .col(ColumnDef::new(InstagramInstalls::ProfileReadAt).timestamp_with_time_zone().null())
                    .col(ColumnDef::new(InstagramInstalls::Status).text().not_null())
                    .col(ColumnDef::new(InstagramInstalls::Generation).integer().not_null())
                    .col(ColumnDef::new(InstagramInstalls::FirstVerifyEmailSentAt).timestamp_with_time_zone().null())
                    .col(ColumnDef::new(InstagramInstalls::SecondVerifyEmailSentAt).timestamp_with_time_zone().null())
                    .col(ColumnDef::new(InstagramInstalls::CreatedAt).timestamp_with_time_zone().not_null())
                    .col(ColumnDef::new(InstagramInstalls::UpdatedAt).timestamp_with_time_zone().not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("instagram_installs_instagram_account")
                    .table(InstagramInstalls::Table)
                    .col(InstagramInstalls::InstagramAccount)
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(InstagramInstalls::Table).to_owned()).await
    }
}

#[derive(DeriveIden)]
enum InstagramInstalls {
    Table,
    Id,
    InstagramAccount,
    InstagramBusinessAccountId,
    PageId,
    PageName,
    FacebookUserId,
    UserToken,
    UserTokenExpiresAt,
    PageToken,
    TokenExpiresAt,
    DataAccessExpiresAt,
    Scopes,
    Profile,
    ProfileReadAt,
    Status,
    Generation,
    FirstVerifyEmailSentAt,
    SecondVerifyEmailSentAt,
    CreatedAt,
    UpdatedAt,
}
