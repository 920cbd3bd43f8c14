using System.Numerics;

namespace Serverless.Data.Values;

/// <summary>The type of a value, in Python's terms.</summary>
public enum DataKind
{
    Null,
    Bool,
    Int,
    Float,
    Text,
    Bytes,
    Date,
    DateTime,
    Time,
    List,
    Tuple,
    Set,
    Map,
}

/// <summary>A value read from a YAML, JSON, TOML or Python file, and its line (0 if unknown).</summary>
public abstract class DataNode(DataKind kind, int line)
{
    public DataKind Kind { get; } = kind;

    public int Line { get; } = line;

    /// <summary>Gets Python's name of the type, which DVC's messages use.</summary>
    public string TypeName =>
        Kind switch
        {
            DataKind.Null => "NoneType",
            DataKind.Bool => "bool",
            DataKind.Int => "int",
            DataKind.Float => "float",
            DataKind.Text => "str",
            DataKind.Bytes => "bytes",
            DataKind.Date => "date",
            DataKind.DateTime => "datetime",
            DataKind.Time => "time",
            DataKind.List => "list",
            DataKind.Tuple => "tuple",
            DataKind.Set => "set",
            _ => "dict",
        };

    /// <summary>Gets the text of a text value; otherwise null.</summary>
    public string? AsText => Kind == DataKind.Text ? (string)((DataScalar)this).Value! : null;

    /// <summary>Gets the value of a boolean; otherwise null.</summary>
    public bool? AsBool => Kind == DataKind.Bool ? (bool)((DataScalar)this).Value! : null;

    public bool IsNull => Kind == DataKind.Null;

    /// <summary>Returns the same value on another line. The result of a template gets the line of the template.</summary>
    public abstract DataNode At(int line);
}

/// <summary>A single value: null, <see cref="bool"/>, <see cref="BigInteger"/>, <see cref="double"/>, <see cref="string"/>,
/// <see cref="DateOnly"/>, <see cref="System.DateTime"/> or <see cref="DateTimeOffset"/>, <see cref="TimeOnly"/>, bytes.</summary>
public sealed class DataScalar : DataNode
{
    private DataScalar(DataKind kind, object? value, int line)
        : base(kind, line) => Value = value;

    public object? Value { get; }

    public static DataScalar Null(int line = 0) => new(DataKind.Null, null, line);

    public static DataScalar Bool(bool value, int line = 0) => new(DataKind.Bool, value, line);

    public static DataScalar Int(BigInteger value, int line = 0) => new(DataKind.Int, value, line);

    public static DataScalar Float(double value, int line = 0) => new(DataKind.Float, value, line);

    public static DataScalar Text(string value, int line = 0) => new(DataKind.Text, value, line);

    public static DataScalar Bytes(byte[] value, int line = 0) => new(DataKind.Bytes, value, line);

    public static DataScalar Date(DateOnly value, int line = 0) => new(DataKind.Date, value, line);

    public static DataScalar DateTime(DateTime value, int line = 0) => new(DataKind.DateTime, value, line);

    public static DataScalar DateTime(DateTimeOffset value, int line = 0) => new(DataKind.DateTime, value, line);

    public static DataScalar Time(TimeOnly value, int line = 0) => new(DataKind.Time, value, line);

    /// <summary>Compares type and value.</summary>
    public bool Matches(DataScalar other) => Kind == other.Kind && Equals(Value, other.Value);

    public override DataNode At(int line) => line == Line ? this : new DataScalar(Kind, Value, line);
}

/// <summary>A list, or what only Python distinguishes from one: a tuple, a set.</summary>
public sealed class DataList(IReadOnlyList<DataNode> items, int line = 0, DataKind kind = DataKind.List) : DataNode(kind, line)
{
    public IReadOnlyList<DataNode> Items { get; } = items;

    public override DataNode At(int line) => new DataList(Items, line, Kind);
}
