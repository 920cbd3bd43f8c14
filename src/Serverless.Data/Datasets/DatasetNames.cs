using System.Text;
using Serverless.Core;

namespace Serverless.Data.Datasets;

/// <summary>Validates names of datasets, branches and tags, and paths within a version.</summary>
public static class DatasetNames
{
    private const int MaxName = 100;
    private const int MaxPath = 1024;

    public static string Check(string name, string what) =>
        name.Length is > 0 and <= MaxName
        && name[0] is not ('.' or '-')
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')
            ? name
            : throw ServerlessException.Invalid(
                $"'{name}' is not a valid {what} name.",
                $"Use 1 to {MaxName} letters, digits, '.', '_' and '-', starting with a letter, digit or '_'."
            );

    /// <summary>Validates a branch or tag name, which cannot be a number because numbers identify versions.</summary>
    public static string CheckLabel(string name, string what) =>
        Check(name, what).All(char.IsAsciiDigit)
            ? throw ServerlessException.Invalid(
                $"'{name}' is not a valid {what} name: numbers identify versions.",
                "Use a name that contains a letter."
            )
            : name;

    public static string CheckPath(string path)
    {
        var parts = path.Split('/');
        return
            path.Length is > 0 and <= MaxPath
            && parts.All(p => p.Length > 0 && p is not ("." or ".."))
            && !path.Contains('\0', StringComparison.Ordinal)
            && IsText(path)
            ? path
            : throw ServerlessException.Invalid(
                $"'{path}' is not a valid file path in a dataset.",
                "Separate names with `/`. No name may be empty, '.' or '..'."
            );
    }

    private static bool IsText(string path)
    {
        try
        {
            new UTF8Encoding(false, throwOnInvalidBytes: true).GetByteCount(path);
            return true;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }
}
