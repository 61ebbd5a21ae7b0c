"""The tables of the journal's file, and their version."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, attempt TEXT NOT NULL, body TEXT NOT NULL,
    hash TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS receipts (
    seq INTEGER PRIMARY KEY, attempt TEXT NOT NULL UNIQUE, serial TEXT NOT NULL, outcome TEXT NOT NULL, code TEXT,
    at INTEGER NOT NULL, entry INTEGER NOT NULL, hash TEXT NOT NULL, token TEXT);
CREATE TABLE IF NOT EXISTS intents (attempt TEXT PRIMARY KEY, entry INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS cash_orders (
    jti TEXT PRIMARY KEY, recharge TEXT NOT NULL, session TEXT NOT NULL, at INTEGER NOT NULL, entry INTEGER NOT NULL,
    body TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS cash_notes (
    entry INTEGER PRIMARY KEY, collect TEXT NOT NULL, denomination INTEGER NOT NULL, wish TEXT NOT NULL,
    at INTEGER NOT NULL, outcome TEXT, outcome_entry INTEGER, tender TEXT);
CREATE TABLE IF NOT EXISTS cash_tenders (
    jti TEXT PRIMARY KEY, collect TEXT NOT NULL, recharge TEXT NOT NULL, session TEXT NOT NULL, seq INTEGER NOT NULL,
    total INTEGER NOT NULL, at INTEGER NOT NULL, entry INTEGER NOT NULL, hash TEXT NOT NULL, token TEXT,
    UNIQUE (session, seq));
CREATE TABLE IF NOT EXISTS cash_sessions (session TEXT PRIMARY KEY, acknowledged INTEGER NOT NULL, fault TEXT);
CREATE TABLE IF NOT EXISTS prints (jti TEXT PRIMARY KEY, at INTEGER NOT NULL, state TEXT NOT NULL, code TEXT);
CREATE TABLE IF NOT EXISTS vouchers (
    tender TEXT PRIMARY KEY, at INTEGER NOT NULL, prints INTEGER NOT NULL, done INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS trail (id TEXT PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL, told INTEGER);
CREATE INDEX IF NOT EXISTS trail_told ON trail (told);
CREATE INDEX IF NOT EXISTS trail_at ON trail (at);
CREATE TABLE IF NOT EXISTS paper (id INTEGER PRIMARY KEY CHECK (id = 1), printed INTEGER NOT NULL);
INSERT OR IGNORE INTO paper VALUES (1, 0);
"""
VERSION = 2
"""2 added the tables of cash; a journal of version 1 becomes one of version 2 when the service opens it. The tables of
paper and of the trail need no version: nothing of the rest depends on them."""
UPGRADABLE = ("1",)
