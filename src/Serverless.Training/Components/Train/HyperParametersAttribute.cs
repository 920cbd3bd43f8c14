using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using Serverless.Core;

namespace Serverless.Training.Components.Train;

/// <summary>
/// A map of hyperparameters, with an entry for each plain-valued property of a parameter class. It lets one stage train many candidates
/// (`uses: train/${key}`, `parameters: ${item}`), each with its own parameters. Like parameters, it is validated before anything runs.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class HyperParametersAttribute(Type type) : ValidationAttribute
{
    private static readonly string[] Common =
    [
        nameof(TrainParameters.Seed),
        nameof(TrainParameters.Normalize),
        nameof(TrainParameters.Threshold),
    ];

    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        var problems = new List<string>();
        foreach (var (name, element) in (IReadOnlyDictionary<string, JsonElement>?)value ?? new Dictionary<string, JsonElement>())
        {
            if (Check(name, element) is { } problem)
            {
                problems.Add(problem);
            }
        }

        return problems.Count == 0
            ? ValidationResult.Success
            : new ValidationResult($"'{validationContext.DisplayName}': {string.Join("; ", problems)}");
    }

    /// <summary>The properties that a map can set.</summary>
    public static IEnumerable<PropertyInfo> PropertiesOf(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p =>
                p.IsDefined(typeof(System.ComponentModel.DescriptionAttribute))
                && !p.IsDefined(typeof(HyperParametersAttribute))
                && (p.DeclaringType == type || Common.Contains(p.Name))
            )
            .OrderBy(p => NameOf(p), StringComparer.Ordinal);

    public static string NameOf(PropertyInfo property) => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);

    /// <summary>Sets the properties that the validated map names.</summary>
    public static void Apply(object parameters, IReadOnlyDictionary<string, JsonElement> map)
    {
        foreach (var property in PropertiesOf(parameters.GetType()))
        {
            if (map.TryGetValue(NameOf(property), out var element))
            {
                property.SetValue(parameters, element.Deserialize(property.PropertyType));
            }
        }
    }

    private string? Check(string name, JsonElement element)
    {
        var property = PropertiesOf(type).FirstOrDefault(p => NameOf(p) == name);
        if (property is null)
        {
            var names = PropertiesOf(type).Select(NameOf).ToArray();
            return $"there is no '{name}'"
                + (NearestName.Find(name, names) is { } near ? $", did you mean '{near}'?" : $"; there are {string.Join(", ", names)}");
        }

        object? value;
        try
        {
            value = element.Deserialize(property.PropertyType);
        }
        catch (JsonException)
        {
            return $"'{name}' must be {Kind(property.PropertyType)}, but is {element.GetRawText()}";
        }

        var context = new ValidationContext(this) { MemberName = name, DisplayName = name };
        return property
            .GetCustomAttributes<ValidationAttribute>()
            .Select(rule => value is null ? null : rule.GetValidationResult(value, context)?.ErrorMessage)
            .FirstOrDefault(message => message is not null);
    }

    private static string Kind(Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type) switch
        {
            var t when t == typeof(bool) => "true or false",
            var t when t == typeof(int) => "a whole number",
            _ => "a number",
        };
}
