"""Home, township and map: they only collect what the apps declare."""
