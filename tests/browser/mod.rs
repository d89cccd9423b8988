//! What a person sees, in headless Chromium.

mod connect;
