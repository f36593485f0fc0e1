use kernel::{LayoutId, OrganizationId, Refusal, Result, UserId};

use super::{Events, SetImage, develop::Sent};
use crate::domain::{Image, LayoutHead, Motif, PerformerId, reasons};

/// Of how many performers one organization may keep pictures.
pub const MOST_PERFORMERS: u64 = 500;

impl Events {
    /// Shows this picture as what is seen from a section of a layout, instead of the one that is there. The layout itself stays
    /// as it is: the picture hangs beside it.
    #[tracing::instrument(skip_all)]
    pub async fn set_section_view(
        &self,
        by: UserId,
        layout: LayoutId,
        section: &str,
        ask: SetImage,
    ) -> Result<Image> {
        let layout = self.layout_to_change(by, layout).await?;
        let sent = ask.checked()?;
        let sections = self.reads.sections(&[layout.id]).await?;
        if !sections.values().flatten().any(|there| there.key == section) {
            return Err(Refusal::not_found("section").into());
        }
        self.hang(&Motif::view(layout.id, section), layout.organization_id, &sent, u64::MAX).await
    }

    /// Shows nothing any more of what is seen from a section of a layout.
    #[tracing::instrument(skip_all)]
    pub async fn remove_section_view(&self, by: UserId, layout: LayoutId, section: &str) -> Result<()> {
        let layout = self.layout_to_change(by, layout).await?;
        self.take_down(&Motif::view(layout.id, section)).await
    }

    /// Shows this picture of a performer at all events of an organization, instead of the one that is there. Other
    /// organizations' events do not show it.
    #[tracing::instrument(skip_all)]
    pub async fn set_performer_image(
        &self,
        by: UserId,
        organization: OrganizationId,
        performer: &PerformerId,
        ask: SetImage,
    ) -> Result<Image> {
        self.require_organizer(organization, by).await?;
        let sent = ask.checked()?;
        self.hang(&Motif::performer(organization, performer), organization, &sent, MOST_PERFORMERS).await
    }

    /// Shows no picture any more of a performer at events of an organization.
    #[tracing::instrument(skip_all)]
    pub async fn remove_performer_image(
        &self,
        by: UserId,
        organization: OrganizationId,
        performer: &PerformerId,
    ) -> Result<()> {
        self.require_organizer(organization, by).await?;
        self.take_down(&Motif::performer(organization, performer)).await
    }

    async fn hang(
        &self,
        motif: &Motif,
        organization: OrganizationId,
        sent: &Sent,
        most: u64,
    ) -> Result<Image> {
        let there = self.reads.motifs(std::slice::from_ref(motif)).await?.remove(motif);
        if let Some(there) = there.filter(|there| sent.is_that(there)) {
            return Ok(there);
        }
        let (image, files) = self.develop(sent, motif.owner, organization).await?;
        let mut tx = self.store.begin().await?;
        match tx.motif(motif).await? {
            // Somebody may have sent the same meanwhile.
            Some(before) if sent.is_that(&before) => return Ok(before),
            Some(before) => tx.retire_images(&[before.id]).await?,
            None if tx.motifs_of(motif.owner).await? >= most => {
                let message = format!(
                    "An organization has pictures of at most {most} performers. Take one away first."
                );
                return Err(Refusal::new(reasons::TOO_MANY_IMAGES, message).with("limit", most).into());
            }
            None => {}
        }
        tx.add_image(&image, files).await?;
        tx.show_motif(motif, Some(image.id)).await?;
        tx.commit().await?;
        Ok(image)
    }

    async fn take_down(&self, motif: &Motif) -> Result<()> {
        // Where there is nothing, nothing is written.
        if self.reads.motifs(std::slice::from_ref(motif)).await?.is_empty() {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        let Some(before) = tx.motif(motif).await? else { return Ok(()) };
        tx.retire_images(&[before.id]).await?;
        tx.show_motif(motif, None).await?;
        tx.commit().await
    }

    /// The layout, if this person may change what hangs beside it. Who may not even see it hears what is said of one that does
    /// not exist.
    async fn layout_to_change(&self, by: UserId, id: LayoutId) -> Result<LayoutHead> {
        let no_such_layout = || Refusal::not_found("layout");
        let layout = self.reads.layouts(&[id]).await?.pop().ok_or_else(no_such_layout)?;
        let Err(refused) = self.require_organizer(layout.organization_id, by).await else {
            return Ok(layout);
        };
        let seen = self.reads.is_public_layout(id).await?
            || self.members.is_member(layout.organization_id, by).await?;
        Err(if seen { refused } else { no_such_layout().into() })
    }
}
