"""The child process that reads files (see banzhuang.ledgers.reader). Standard library and calamine only."""
