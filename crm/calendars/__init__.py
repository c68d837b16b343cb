"""Pure: which days a company works, and holidays that can be taken over as they are."""
