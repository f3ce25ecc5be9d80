"""Views: what screens, sheets and reports show, put together from the rows of others; nothing here changes any."""
