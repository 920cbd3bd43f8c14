using System.CommandLine;
using System.Globalization;

namespace Serverless.Local.Commands;

internal static class OptionRange
{
    /// <summary>Rejects a number out of range. The parser rejects anything that is not a number.</summary>
    public static void MustBe(this Option option, int least, int most) =>
        option.Validators.Add(result =>
        {
            if (
                result.Tokens is [var token]
                && long.TryParse(token.Value, CultureInfo.InvariantCulture, out var number)
                && (number < least || number > most)
            )
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} must be between {least} and {most}."));
            }
        });
}
