"""A utility's marketing system (营销系统): a SOAP service for a given WSDL, books, and faults on demand."""
