"""An answer in the forms that other tools read: JUnit XML, SARIF, KTAP, and a mail."""
