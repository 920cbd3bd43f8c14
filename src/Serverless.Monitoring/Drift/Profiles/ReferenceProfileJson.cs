using System.Text.Encodings.Web;
using System.Text.Json;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Monitoring.Drift.Statistics;

namespace Serverless.Monitoring.Drift.Profiles;

/// <summary>
/// Reads and writes profiles as JSON. Long lists of numbers are base64 of packed bytes (see <see cref="Packed"/>); everything else is
/// human-readable.
/// </summary>
internal static class ReferenceProfileJson
{
    private const int Version = 1;

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
        RespectRequiredConstructorParameters = true,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter<ColumnType>() },
    };

    public static string Write(ReferenceProfile profile) => JsonSerializer.Serialize(ToFile(profile), Options);

    public static ReferenceProfile Read(string json)
    {
        try
        {
            var file = JsonSerializer.Deserialize<ProfileFile>(json, Options) ?? throw new JsonException("The document is null.");
            return file.Version == Version ? FromFile(file) : throw new JsonException($"The version is {file.Version}, not {Version}.");
        }
        catch (Exception error)
            when (error is JsonException or FormatException or ArgumentException or OverflowException or EndOfStreamException)
        {
            throw ServerlessException.Invalid(
                $"The content is not a reference profile: {error.Message}",
                "Profile the reference data again."
            );
        }
    }

    private static ProfileFile ToFile(ReferenceProfile profile) =>
        new(
            Version,
            profile.RowCount,
            [
                .. profile.Columns.Select(column => new ColumnFile(
                    column.Name,
                    column.Type,
                    column.Rows,
                    column.Nulls,
                    column.Infinities,
                    ToFile(column.Numeric),
                    ToFile(column.Categories)
                )),
            ],
            profile.By,
            profile.Segments.Count == 0 ? null : profile.Segments.ToDictionary(segment => segment.Value, segment => ToFile(segment.Profile))
        );

    private static NumericFile? ToFile(NumericReference? numeric) =>
        numeric is null
            ? null
            : new NumericFile(
                numeric.Moments.Count,
                numeric.Moments.Mean,
                numeric.Moments.Squares,
                numeric.Distinct,
                Packed.Numbers([numeric.Min, numeric.Max]),
                Packed.Numbers(numeric.Deciles),
                Packed.Numbers(numeric.Counts.Knots),
                Packed.Counts(numeric.Counts.At),
                numeric.Counts.IsExact ? null : Packed.Counts(numeric.Counts.Between),
                numeric.Counts.IsExact ? null : Packed.Numbers(numeric.Counts.Offsets)
            );

    private static CategoryFile? ToFile(CategoryReference? categories) =>
        categories is null ? null : new CategoryFile(categories.Counts, categories.OtherCategories, categories.OtherValues);

    private static ReferenceProfile FromFile(ProfileFile file) =>
        new(
            file.Rows,
            [.. file.Columns.Select(FromFile)],
            file.By,
            [.. (file.Segments ?? []).Select(segment => new ReferenceSegment(segment.Key, FromFile(segment.Value)))]
        );

    private static ReferenceColumn FromFile(ColumnFile file) =>
        file.Numeric is null == file.Categories is null
            ? throw new JsonException($"Column '{file.Name}' has neither numbers nor categories, or both.")
            : new ReferenceColumn(
                file.Name,
                file.Type,
                file.Rows,
                file.Nulls,
                file.Infinities,
                FromFile(file.Numeric),
                FromFile(file.Categories)
            );

    private static NumericReference? FromFile(NumericFile? file)
    {
        if (file is null)
        {
            return null;
        }

        var (knots, at, range) = (Packed.Numbers(file.Knots), Packed.Counts(file.At), Packed.Numbers(file.Range));
        var between = file.Between is null ? new long[knots.Length + 1] : Packed.Counts(file.Between);
        var offsets = file.Offsets is null ? new double[knots.Length + 1] : Packed.Numbers(file.Offsets);
        if (at.Length != knots.Length || between.Length != knots.Length + 1 || offsets.Length != knots.Length + 1 || range.Length != 2)
        {
            throw new JsonException("The lists of a column do not match.");
        }

        return new NumericReference(
            new NumericCounts(knots, at, between, offsets),
            new Moments(file.Count, file.Mean, file.Squares),
            range[0],
            range[1],
            file.Distinct,
            Packed.Numbers(file.Deciles)
        );
    }

    private static CategoryReference? FromFile(CategoryFile? file) =>
        file is null
            ? null
            : new CategoryReference(
                new Dictionary<string, long>(file.Counts, StringComparer.Ordinal),
                file.OtherCategories,
                file.OtherValues
            );

    private sealed record ProfileFile(
        int Version,
        long Rows,
        IReadOnlyList<ColumnFile> Columns,
        string? By = null,
        Dictionary<string, ProfileFile>? Segments = null
    );

    private sealed record ColumnFile(
        string Name,
        ColumnType Type,
        long Rows,
        long Nulls,
        long Infinities,
        NumericFile? Numeric = null,
        CategoryFile? Categories = null
    );

    private sealed record NumericFile(
        long Count,
        double Mean,
        double Squares,
        long Distinct,
        string Range,
        string Deciles,
        string Knots,
        string At,
        string? Between = null,
        string? Offsets = null
    );

    private sealed record CategoryFile(IReadOnlyDictionary<string, long> Counts, long OtherCategories, long OtherValues);
}
