//! Makes `x_accounts` and `x_account_apps`, and lets an incident be of an account on X.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_accounts(manager).await?;
        create_links(manager).await?;
        let column = ColumnDef::new(Incidents::XAccountId).text().null().to_owned();
        manager.alter_table(Table::alter().table(Incidents::Table).add_column(column).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let dropped = Table::alter().table(Incidents::Table).drop_column(Incidents::XAccountId).to_owned();
        manager.alter_table(dropped).await?;
        manager.drop_table(Table::drop().table(XAccountApps::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(XAccounts::Table).to_owned()).await
    }
}

async fn create_accounts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let time = |column: XAccounts| ColumnDef::new(column).timestamp_with_time_zone().null().to_owned();
    let number = |column: XAccounts| ColumnDef::new(column).integer().not_null().to_owned();
    let table = Table::create()
        .table(XAccounts::Table)
        .col(ColumnDef::new(XAccounts::Id).text().not_null().primary_key())
        .col(ColumnDef::new(XAccounts::XUserId).text().not_null().unique_key())
        .col(ColumnDef::new(XAccounts::Username).text().not_null())
        .col(ColumnDef::new(XAccounts::Name).text().not_null())
        .col(ColumnDef::new(XAccounts::AccessToken).text().null())
        .col(ColumnDef::new(XAccounts::RefreshToken).text().null())
        .col(time(XAccounts::AccessEndsAt).not_null())
        .col(ColumnDef::new(XAccounts::Scopes).json().not_null())
        .col(ColumnDef::new(XAccounts::Status).text().not_null())
        .col(ColumnDef::new(XAccounts::Ended).text().null())
        .col(number(XAccounts::Generation))
        .col(time(XAccounts::RefreshDueAt))
        .col(number(XAccounts::PairNumber))
        .col(number(XAccounts::TurnNumber))
        .col(time(XAccounts::RefreshingSince))
        .col(number(XAccounts::Unanswered))
        .col(number(XAccounts::Refused))
        .col(number(XAccounts::Failures))
        .col(time(XAccounts::FirstFailedAt))
        .col(ColumnDef::new(XAccounts::LastFailure).text().null())
        .col(ColumnDef::new(XAccounts::StoppedFor).text().null())
        .col(time(XAccounts::StoppedUntil))
        .col(time(XAccounts::CreatedAt).not_null())
        .col(time(XAccounts::UpdatedAt).not_null())
        .to_owned();
    manager.create_table(table).await?;
    let due = Index::create()
        .name("x_accounts_refresh_due_at")
        .table(XAccounts::Table)
        .col(XAccounts::RefreshDueAt)
        .col(XAccounts::Id)
        .to_owned();
    manager.create_index(due).await
}

async fn create_links(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table(XAccountApps::Table)
        .col(ColumnDef::new(XAccountApps::AppId).text().not_null())
        .col(ColumnDef::new(XAccountApps::XAccountId).text().not_null())
        .col(ColumnDef::new(XAccountApps::CreatedAt).timestamp_with_time_zone().not_null())
        .primary_key(Index::create().col(XAccountApps::AppId).col(XAccountApps::XAccountId))
        .foreign_key(
            ForeignKey::create()
                .name("x_account_apps_app_id")
                .from(XAccountApps::Table, XAccountApps::AppId)
                .to(Apps::Table, Apps::AppId)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(
            ForeignKey::create()
                .name("x_account_apps_x_account_id")
                .from(XAccountApps::Table, XAccountApps::XAccountId)
                .to(XAccounts::Table, XAccounts::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned();
    manager.create_table(table).await?;
    let accounts = Index::create()
        .name("x_account_apps_x_account_id")
        .table(XAccountApps::Table)
        .col(XAccountApps::XAccountId)
        .to_owned();
    manager.create_index(accounts).await
}

#[derive(DeriveIden)]
enum XAccounts {
    Table,
    Id,
    XUserId,
    Username,
    Name,
    AccessToken,
    RefreshToken,
    AccessEndsAt,
    Scopes,
    Status,
    Ended,
    Generation,
    RefreshDueAt,
    PairNumber,
    TurnNumber,
    RefreshingSince,
    Unanswered,
    Refused,
    Failures,
    FirstFailedAt,
    LastFailure,
    StoppedFor,
    StoppedUntil,
    CreatedAt,
    UpdatedAt,
}

#[derive(DeriveIden)]
enum XAccountApps {
    Table,
    AppId,
    XAccountId,
    CreatedAt,
}

#[derive(DeriveIden)]
enum Apps {
    Table,
    AppId,
}

#[derive(DeriveIden)]
enum Incidents {
    Table,
    XAccountId,
}
