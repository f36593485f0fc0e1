//! What a ticket looks like on paper and on a screen: QR as SVG and PNG, PDF.
