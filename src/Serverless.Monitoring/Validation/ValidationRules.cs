namespace Serverless.Monitoring.Validation;

/// <summary>The names of the rules in findings.</summary>
public static class ValidationRules
{
    public const string MinRows = "min_rows";
    public const string MaxRows = "max_rows";
    public const string MissingColumn = "missing_column";
    public const string UnexpectedColumn = "unexpected_column";
    public const string Type = "type";
    public const string Nulls = "nulls";
    public const string Min = "min";
    public const string Max = "max";
    public const string AllowedValues = "allowed_values";
    public const string Pattern = "pattern";
    public const string Unique = "unique";
    public const string Overlap = "overlap";
}
