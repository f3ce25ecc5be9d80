"""Tables and statements; takes a connection, never commits."""
