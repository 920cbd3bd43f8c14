using System.Text.RegularExpressions;

namespace Serverless;

/// <summary>Knows what looks like a secret, by its name or by its value.</summary>
public static partial class Secrets
{
    public const string Mask = "***";

    /// <summary>Text of fewer characters is no key that anybody issues.</summary>
    private const int MinLength = 6;

    /// <summary>True if a value of that name should not be written down.</summary>
    public static bool IsSecret(string name, string value) =>
        value.Length >= MinLength && !IsReference(value) && (LooksSecret(value) || (NamesSecret(name) && !double.TryParse(value, out _) && !bool.TryParse(value, out _)));

    /// <summary>`env:NAME` says where a secret is, and is none itself.</summary>
    public static bool IsReference(string value) => Reference().IsMatch(value);

    public static bool NamesSecret(string name) => SecretName().IsMatch(Words().Replace(name, "_$0"));

    public static bool LooksSecret(string value) => SecretValue().IsMatch(value);

    /// <summary>The text without those values.</summary>
    public static string Masked(string text, IEnumerable<string> values) => values.Aggregate(text, (t, value) => t.Replace(value, Mask, StringComparison.Ordinal));

    /// <summary>Values of the process's environment that must not reach a log.</summary>
    public static IReadOnlyList<string> OfEnvironment()
    {
        var found = new List<string>();
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            if (entry is { Key: string name, Value: string value } && value.Length >= 8 && IsSecret(name, value))
            {
                found.Add(value);
            }
        }

        // A value that holds another one goes first, or a rest of it would stay.
        return [.. found.Distinct().OrderByDescending(v => v.Length)];
    }

    // A word of its own: `token` is one, `max_tokens` and `tokenizer` are not.
    [GeneratedRegex(@"(^|[_\-. ])(password|passwd|pwd|secret|token|credentials?|api_?key|access_?key|account_?key|private_?key|secret_?key|connection_?string|sas)($|[_\-. ])", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();

    [GeneratedRegex("^env:[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex Reference();

    [GeneratedRegex("(?<=[a-z0-9])[A-Z]")]
    private static partial Regex Words();

    [GeneratedRegex(@"AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY-----|AccountKey=[A-Za-z0-9+/=]{20,}|SharedAccessSignature=|[?&]sig=[A-Za-z0-9%+/=]{20,}|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|xox[abprs]-[\w-]{10,}|sk-[A-Za-z0-9_-]{24,}|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}|://[^/\s:@]+:[^/\s:@]{3,}@")]
    private static partial Regex SecretValue();
}
