using System.Globalization;
using System.Numerics;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Data.Values;
using Serverless.Data.Yaml;
using Serverless.Monitoring.Validation;

namespace Serverless.Training.Components.Data;

/// <summary>
/// Reads a schema file:
/// <code>
/// rows: {min: 1000, max: 1000000}
/// unexpected_columns: forbid        # default: allow
/// columns:
///   id:      {type: text, unique: true, nullable: false, pattern: 'c\d+'}
///   age:     {type: integer, min: 0, max: 120, max_null_share: 0.01}
///   plan:    {type: text, allowed: [free, basic, pro]}
///   comment: {type: text, required: false}
///   active:  boolean                 # short for {type: boolean}
/// </code>
/// Types are integer, number, boolean and text. By default, a column is required and may contain nulls.
/// </summary>
public sealed class SchemaFile
{
    private static readonly string[] TopKeys = ["rows", "columns", "unexpected_columns"];
    private static readonly string[] RowKeys = ["min", "max"];
    private static readonly string[] ColumnKeys =
    [
        "type",
        "min",
        "max",
        "allowed",
        "pattern",
        "nullable",
        "max_null_share",
        "unique",
        "required",
    ];

    private readonly string name;
    private readonly List<Diagnostic> wrong = [];

    private SchemaFile(string name) => this.name = name;

    /// <param name="path">The path of the file.</param>
    /// <param name="name">The file name for messages.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public static async Task<DataSchema> ReadAsync(string path, string name, CancellationToken cancellationToken)
    {
        var file = new SchemaFile(name);
        var schema = file.Schema(YamlReader.Parse(await File.ReadAllTextAsync(path, cancellationToken), name));
        return file.wrong.Count == 0
            ? schema
            : throw ServerlessException.Invalid($"The schema '{name}' is invalid: {string.Join(" ", file.wrong)}", file.wrong);
    }

    private DataSchema Schema(DataNode root)
    {
        if (root is not DataMap top)
        {
            Add(root, "a schema must be a map", "Add `columns:` with an entry for each column.");
            return new DataSchema();
        }

        CheckKeys(top, TopKeys, "the schema");
        var rows = Map(top, "rows");
        CheckKeys(rows, RowKeys, "`rows`");
        var columns = Map(top, "columns");
        if (columns.Entries.Count == 0)
        {
            Add(top, "it has no columns", "Add `columns:` with an entry for each column.");
        }

        return new DataSchema
        {
            MinRows = (long)(Number(rows, "min") ?? 1),
            MaxRows = (long?)Number(rows, "max"),
            AllowUnexpectedColumns = Choice(top, "unexpected_columns", ["allow", "forbid"]) != "forbid",
            Columns = [.. columns.Entries.Select(e => Column(Text(e.Key), e.Value))],
        };
    }

    private ColumnSchema Column(string column, DataNode node)
    {
        var rules = node switch
        {
            DataMap map => map,
            { AsText: not null } => new DataMap([new DataEntry(DataScalar.Text("type", node.Line), node)], node.Line),
            { IsNull: true } => DataMap.Empty,
            _ => null,
        };
        if (rules is null)
        {
            Add(node, $"column '{column}' must be a map of rules", "For example, use {type: text}.");
            rules = DataMap.Empty;
        }

        CheckKeys(rules, ColumnKeys, $"column '{column}'");
        if (rules.Contains("nullable") && rules.Contains("max_null_share"))
        {
            Add(rules, $"column '{column}' has both 'nullable' and 'max_null_share'", "Remove one of them.");
        }

        return new ColumnSchema
        {
            Name = column,
            Type = Choice(rules, "type", ["integer", "number", "boolean", "text"]) is { } type
                ? Enum.Parse<ColumnType>(type, ignoreCase: true)
                : null,
            Required = Bool(rules, "required") ?? true,
            MaxNullShare = Number(rules, "max_null_share") ?? (Bool(rules, "nullable") is false ? 0 : 1),
            Min = Number(rules, "min"),
            Max = Number(rules, "max"),
            AllowedValues = Values(rules, "allowed"),
            Pattern = TextOf(rules, "pattern"),
            Unique = Bool(rules, "unique") ?? false,
        };
    }

    private void CheckKeys(DataMap map, string[] known, string owner)
    {
        foreach (var entry in map.Entries.Where(e => !known.Contains(Text(e.Key))))
        {
            var key = Text(entry.Key);
            Add(
                entry.Key,
                $"{owner} has an unknown key '{key}'",
                NearestName.Find(key, known) is { } near ? $"Did you mean '{near}'?" : $"Valid keys: {string.Join(", ", known)}."
            );
        }
    }

    private DataMap Map(DataMap owner, string key)
    {
        if (owner[key] is not (null or DataMap or { IsNull: true }))
        {
            Add(owner[key]!, $"'{key}' must be a map", $"Write {key}: {{…}}.");
        }

        return owner[key] as DataMap ?? DataMap.Empty;
    }

    private double? Number(DataMap owner, string key)
    {
        switch ((owner[key] as DataScalar)?.Value)
        {
            case BigInteger whole:
                return (double)whole;
            case double number:
                return number;
            default:
                Refuse(owner, key, "a number");
                return null;
        }
    }

    private bool? Bool(DataMap owner, string key)
    {
        if (owner[key]?.AsBool is null)
        {
            Refuse(owner, key, "true or false");
        }

        return owner[key]?.AsBool;
    }

    private string? TextOf(DataMap owner, string key)
    {
        if (owner[key]?.AsText is null)
        {
            Refuse(owner, key, "text");
        }

        return owner[key]?.AsText;
    }

    private string? Choice(DataMap owner, string key, string[] choices)
    {
        var text = owner[key]?.AsText;
        if (text is null || !choices.Contains(text))
        {
            Refuse(owner, key, "one of " + string.Join(", ", choices));
        }

        return text is not null && choices.Contains(text) ? text : null;
    }

    private string[]? Values(DataMap owner, string key)
    {
        if (owner[key] is not DataList list || list.Items.Any(i => i is not DataScalar || i.IsNull))
        {
            Refuse(owner, key, "a list of values");
            return null;
        }

        return [.. list.Items.Select(i => Text((DataScalar)i))];
    }

    private void Refuse(DataMap owner, string key, string what)
    {
        if (owner[key] is { } node)
        {
            Add(node, $"'{key}' must be {what}" + (node is DataScalar scalar ? $", but is '{Text(scalar)}'" : ""), $"Give {what}.");
        }
    }

    /// <summary>A value in the form of the columns' texts.</summary>
    private static string Text(DataScalar scalar) =>
        scalar.Value switch
        {
            null => "null",
            bool truth => truth ? "true" : "false",
            double number => number.ToString("R", CultureInfo.InvariantCulture),
            DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            var value => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };

    private void Add(DataNode node, string message, string fix) => wrong.Add(new Diagnostic(name, node.Line, message + ".", fix));
}
